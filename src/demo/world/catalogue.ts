// What the shop sells: 12 categories of 25 products, with brands, prices, costs and launch days (some recent).
import { addDays, type Day, DAY_MS, dayNumber, daysBetween } from '../../kernel/days.ts';
import type { Text } from '../../kernel/lang.ts';
import type { Rng } from '../../kernel/random.ts';

export type Category = {
  readonly id: string;
  readonly label: Text;
  readonly words: readonly Text[];
  readonly medianCents: number;
  /** A need that ends by itself: a child grows out of it. Product `stage` then follows the age of the need. */
  readonly lifecycle: boolean;
};

export type Product = {
  readonly id: string;
  readonly sku: string;
  readonly name: Text;
  readonly brand: string;
  readonly category: string;
  readonly priceCents: number;
  readonly costCents: number;
  readonly launchedOn: Day;
  /** 0–4 within a lifecycle category, otherwise 0. */
  readonly stage: number;
};

export type Catalogue = {
  readonly products: readonly Product[];
  readonly categories: readonly Category[];
  /** Products of the category at that index of `categories`, most popular first. */
  readonly shelf: (categoryIndex: number) => readonly Product[];
  readonly isLaunched: (product: Product, atMs: number) => boolean;
};

const words = (text: string): readonly Text[] =>
  text.split(',').map((pair) => ({ en: pair.split(':')[0]!, zh: pair.split(':')[1]! }));

const category = (
  id: string,
  en: string,
  zh: string,
  medianCents: number,
  list: string,
  lifecycle = false,
): Category => ({
  id,
  label: { en, zh },
  medianCents,
  words: words(list),
  lifecycle,
});

export const CATEGORIES: readonly Category[] = [
  category('baby', 'Baby', '母婴', 2400, 'Nappies:纸尿裤,Formula:奶粉,Wipes:湿巾,Romper:连体衣,Bottle:奶瓶', true),
  category(
    'school',
    'School',
    '学习用品',
    1900,
    'Satchel:书包,Notebook set:笔记本,Pencil case:笔袋,Workbook:练习册,Desk lamp:台灯',
    true,
  ),
  category('skincare', 'Skin care', '护肤', 3200, 'Serum:精华,Cleanser:洁面,Sunscreen:防晒,Mask:面膜,Cream:面霜'),
  category('tea', 'Tea', '茶', 1800, 'Longjing:龙井,Oolong:乌龙,Jasmine:茉莉花茶,Pu-erh:普洱,Tea set:茶具'),
  category('coffee', 'Coffee', '咖啡', 1700, 'Beans:咖啡豆,Drip bags:挂耳,Grinder:磨豆机,Kettle:手冲壶,Filter:滤纸'),
  category('kitchen', 'Kitchen', '厨房', 3900, 'Wok:炒锅,Knife:菜刀,Board:砧板,Steamer:蒸笼,Bowl set:碗'),
  category('home', 'Home', '家居', 4200, 'Linen:床品,Candle:香薰,Lamp:灯,Cushion:抱枕,Rug:地毯'),
  category('pets', 'Pets', '宠物', 2600, 'Cat food:猫粮,Dog food:狗粮,Litter:猫砂,Toy:玩具,Bed:窝'),
  category('sports', 'Sports', '运动', 4800, 'Mat:瑜伽垫,Bottle:水壶,Leggings:紧身裤,Band:弹力带,Shoes:跑鞋'),
  category('books', 'Books', '图书', 1500, 'Novel:小说,Cookbook:菜谱,Picture book:绘本,Travel:旅行,History:历史'),
  category('audio', 'Audio', '影音', 6900, 'Earbuds:耳机,Speaker:音箱,Cable:数据线,Charger:充电器,Stand:支架'),
  category('snacks', 'Snacks', '零食', 1200, 'Nuts:坚果,Mooncake:月饼,Chocolate:巧克力,Dried fruit:果干,Biscuits:饼干'),
];

const BRANDS = [
  'Lantern',
  'Loom & Leaf',
  'Northwind',
  'Plain Good',
  '小满',
  '山间',
  'Kestrel',
  'Mori',
  '南风',
  'Field Day',
];
const LINES: readonly Text[] = words('Classic:经典,Light:轻享,Family:家庭装,Studio:工坊,Reserve:珍选');
const PER_CATEGORY = 25;
const STAGES = 5;

export function createCatalogue(rng: Rng, historyStart: Day, historyEnd: Day): Catalogue {
  const historyDays = daysBetween(historyStart, historyEnd);
  const shelves = CATEGORIES.map((category, c) =>
    Array.from({ length: PER_CATEGORY }, (_, k): Product => {
      const draw = rng.fork(`product/${category.id}/${k}`);
      const word = category.words[k % category.words.length]!;
      const line = LINES[Math.floor(k / category.words.length)]!;
      const stage = category.lifecycle ? Math.floor(k / (PER_CATEGORY / STAGES)) : 0;
      const priceCents = Math.max(
        300,
        Math.round((category.medianCents * Math.exp(draw.normal(0, 0.5))) / 100) * 100 - 5,
      );
      const recent = !category.lifecycle && draw.chance(0.2);
      const size: Text = category.lifecycle
        ? { en: `, size ${stage + 1}`, zh: `（${stage + 1} 段）` }
        : { en: '', zh: '' };
      return {
        id: `p-${category.id}-${String(k + 1).padStart(2, '0')}`,
        sku: `${category.id.slice(0, 3).toUpperCase()}${String(c * 100 + k + 1).padStart(5, '0')}`,
        name: { en: `${line.en} ${word.en}${size.en}`, zh: `${line.zh}${word.zh}${size.zh}` },
        brand: draw.pick(BRANDS),
        category: category.id,
        priceCents,
        costCents: Math.round(priceCents * (0.45 + 0.2 * draw.next())),
        launchedOn: addDays(historyStart, recent ? draw.below(historyDays) : -30 - draw.below(900)),
        stage,
      };
    }),
  );
  const launchMs = new Map(shelves.flat().map((product) => [product.id, dayNumber(product.launchedOn) * DAY_MS]));
  return {
    products: shelves.flat(),
    categories: CATEGORIES,
    shelf: (c) => shelves[c] ?? [],
    isLaunched: (product, atMs) => (launchMs.get(product.id) ?? Infinity) <= atMs,
  };
}
