// A row of a product file as an item: which column is which (by its name, in English or Chinese, or as told), and what its cell means. Pure.
import { RekindleError } from '../../kernel/errors.ts';
import type { Text } from '../../kernel/lang.ts';
import { isEmptyCell, looksLikeNumber } from '../imports/values.ts';
import { catalogueItemSchema, type CatalogueItem } from './catalogue.ts';

const words = (list: string): readonly string[] => list.split(' ');

/** Names are compared without case, spaces and punctuation; earlier ones are better. */
const COLUMNS = {
  itemId: words(
    'id itemid productid sku skuid stockcode productcode variantid handle 商品id 商品编号 商品编码 货号 编号',
  ),
  name: words('name title productname itemname producttitle description 商品名称 商品名 名称 标题 品名'),
  category: words('category productcategory producttype type googleproductcategory 品类 类目 分类 商品分类'),
  brand: words('brand brandname vendor manufacturer 品牌'),
  price: words('price saleprice unitprice amount 价格 售价 单价'),
  available: words('availability available instock stock quantity inventory inventoryquantity 库存 是否有货 有货 状态'),
  firstSeenOn: words('firstseenon publishedat createdat availabledate launchdate 上架时间 上架日期'),
  url: words('url link productlink producturl 链接 商品链接 网址'),
  imageUrl: words('imageurl image imagelink imagesrc picture 图片 图片链接 主图'),
} as const satisfies Record<string, readonly string[]>;

export type ProductField = keyof typeof COLUMNS;
const FIELDS = Object.keys(COLUMNS) as readonly ProductField[];
export type ProductMapping = Readonly<Partial<Record<ProductField, string>>>;

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Columns by their names; `told` ("name=Title,price=Cost") comes first. Throws `invalid` for what is no field or no column. */
export function productMapping(columns: readonly string[], told = ''): ProductMapping {
  const mapping: Partial<Record<ProductField, string>> = {};
  for (const part of told.split(',').filter((each) => each.trim() !== '')) {
    const at = part.indexOf('=');
    const field = FIELDS.find((each) => each === part.slice(0, at).trim());
    const column = part.slice(at + 1).trim();
    if (field === undefined || !columns.includes(column)) {
      const what = {
        en: `"${part.trim()}": expected field=column, fields are ${FIELDS.join(', ')}, columns are ${columns.join(', ')}`,
        zh: `“${part.trim()}”应写作“字段=列名”。字段有：${FIELDS.join('、')}；列有：${columns.join('、')}`,
      };
      throw new RekindleError('invalid', { where: 'map', what });
    }
    mapping[field] = column;
  }
  for (const field of FIELDS) {
    if (mapping[field] !== undefined) continue;
    const free = columns.filter((column) => !Object.values(mapping).includes(column));
    const name = COLUMNS[field].find((each) => free.some((column) => plain(column) === each));
    const column = free.find((each) => plain(each) === name);
    if (column !== undefined) mapping[field] = column;
  }
  return mapping;
}

const IN_STOCK = new Set([
  'true',
  'yes',
  'y',
  'instock',
  'available',
  'preorder',
  'backorder',
  'active',
  '是',
  '有',
  '有货',
  '在售',
  '上架',
  '预售',
]);
const OUT_OF_STOCK = new Set([
  'false',
  'no',
  'n',
  'outofstock',
  'soldout',
  'unavailable',
  'discontinued',
  'archived',
  'draft',
  '否',
  '无',
  '无货',
  '缺货',
  '下架',
  '售罄',
]);

/** A word, or a number of pieces; undefined for what is neither. */
export function availabilityOf(cell: string): boolean | undefined {
  if (looksLikeNumber(cell)) return Number.parseFloat(cell.replaceAll(/[^\d.-]/g, '')) > 0;
  const word = plain(cell);
  return IN_STOCK.has(word) ? true : OUT_OF_STOCK.has(word) ? false : undefined;
}

/** `$1,234.50`, `1.234,50 €`, `12.5 USD`, `¥88` → cents. The last separator with one or two digits behind it is the decimal one. */
export function priceCentsOf(cell: string): number | undefined {
  if (!looksLikeNumber(cell) || cell.includes('-')) return undefined;
  const digits = cell.replaceAll(/[^\d.,]/g, '');
  const [, whole = '', decimals = ''] = /^(.*?)(?:[.,](\d{1,2}))?$/.exec(digits) ?? [];
  const cents = Number(`${whole.replaceAll(/[.,]/g, '') || '0'}${decimals.padEnd(2, '0')}`);
  return Number.isSafeInteger(cents) ? cents : undefined;
}

export type ProductRow = { readonly item: CatalogueItem } | { readonly reason: Text };

/** What the schema refuses of a field; its own words are English only. */
const WRONG: Readonly<Record<keyof CatalogueItem, Text>> = {
  itemId: { en: 'no product id, or one of more than 500 characters', zh: '没有商品编号，或编号超过 500 个字符' },
  name: { en: 'name: more than 500 characters', zh: '名称超过 500 个字符' },
  category: { en: 'category: more than 500 characters', zh: '品类超过 500 个字符' },
  brand: { en: 'brand: more than 500 characters', zh: '品牌超过 500 个字符' },
  priceCents: { en: 'price: too high', zh: '价格过高' },
  available: { en: 'availability: neither yes nor no', zh: '库存状态无法识别' },
  firstSeenOn: { en: 'first seen: not a day such as 2026-11-22', zh: '上架日期不是有效日期（如 2026-11-22）' },
  url: { en: 'link: not an address of at most 2,000 characters', zh: '商品链接不是有效网址，或超过 2,000 个字符' },
  imageUrl: {
    en: 'image: not an address of at most 2,000 characters',
    zh: '图片链接不是有效网址，或超过 2,000 个字符',
  },
};

const isItemField = (key: PropertyKey | undefined): key is keyof CatalogueItem => key !== undefined && key in WRONG;

/** One row. A cell that makes no sense refuses its row with the reason; an empty one says nothing. */
export function productOf(cellOf: (column: string) => string, mapping: ProductMapping): ProductRow {
  const cell = (field: ProductField): string | undefined => {
    const column = mapping[field];
    const text = column === undefined ? '' : cellOf(column).trim();
    return isEmptyCell(text) ? undefined : text;
  };
  const { price, stock, shelved } = { price: cell('price'), stock: cell('available'), shelved: cell('firstSeenOn') };
  const priceCents = price === undefined ? undefined : priceCentsOf(price);
  if (price !== undefined && priceCents === undefined)
    return { reason: { en: `price: "${price}" is no amount`, zh: `价格“${price}”不是有效金额` } };
  const available = stock === undefined ? undefined : availabilityOf(stock);
  if (stock !== undefined && available === undefined)
    return { reason: { en: `availability: "${stock}" is neither yes nor no`, zh: `库存“${stock}”既非有货也非无货` } };
  const given = {
    itemId: cell('itemId'),
    name: cell('name'),
    category: cell('category'),
    brand: cell('brand'),
    priceCents,
    available,
    firstSeenOn: shelved?.slice(0, 10),
    url: cell('url'),
    imageUrl: cell('imageUrl'),
  };
  const parsed = catalogueItemSchema.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  if (parsed.success) return { item: parsed.data };
  const [field] = parsed.error.issues[0]?.path ?? [];
  if (!isItemField(field)) throw new Error('a product row failed outside of its fields', { cause: parsed.error });
  return { reason: WRONG[field] };
}
