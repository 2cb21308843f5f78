// The demo shop in a browser: be one of its customers, look around, buy. It tells Rekindle what happens through the SDK, like any shop's page.
// Everything on the page is made as elements and text; no text becomes markup.

const WORDS = {
  en: {
    title: 'Fernhill Home',
    demo: 'Demo shop: nothing is sold, nobody is written to.',
    who: 'Who would you like to be?',
    whoMore: 'These customers went quiet. Come back as one of them and see what Rekindle has waiting.',
    nobody: 'Nobody is waiting for you here. Start the demo again with more people.',
    lastOrder: 'last order {day}, {days} days ago',
    come: 'Come in as {name}',
    hello: 'Hello, {name}',
    leave: 'Leave the shop',
    all: 'On the shelves',
    back: 'All products',
    add: 'Add to basket',
    added: 'In the basket.',
    basket: 'Basket',
    empty: 'Nothing in the basket yet.',
    remove: 'Remove',
    code: 'Coupon code',
    apply: 'Use code',
    list: 'Goods',
    discount: 'Discount',
    total: 'To pay',
    order: 'Place the order',
    thanks: 'Thank you. Your order is in.',
    thanksMore: 'You are back: the message that welcomes you waits on the next page, and the console knows already.',
    goOn: 'Go on shopping',
    mail: 'Your mailbox: “{subject}”',
    noMail: 'Your mailbox',
    story: 'Your story in the console',
    live: 'Events as they arrive',
    behind: 'Behind the counter',
    unknown: 'Nobody has been given this code.',
    not_yours: 'This code was given to somebody else.',
    over: 'This code is used or out of date.',
    no_coupon: 'This code is not a discount.',
    basket_too_small: 'The basket is too small for this code.',
    failed: 'That did not work: {what}',
    other: '中文',
  },
  zh: {
    title: 'Fernhill Home',
    demo: '演示商店：不会真的成交，也不会真的联系任何人。',
    who: '您想扮演哪位顾客？',
    whoMore: '这些顾客已经沉默一段时间。以其中一位的身份回来，看看重燃为其准备了什么。',
    nobody: '这里还没有可以扮演的顾客。请用更多人数重新运行演示。',
    lastOrder: '上次下单 {day}，{days} 天前',
    come: '以{name}的身份进店',
    hello: '您好，{name}',
    leave: '离开商店',
    all: '在售商品',
    back: '全部商品',
    add: '加入购物车',
    added: '已加入购物车。',
    basket: '购物车',
    empty: '购物车还是空的。',
    remove: '移除',
    code: '优惠码',
    apply: '使用优惠码',
    list: '商品金额',
    discount: '优惠',
    total: '应付',
    order: '提交订单',
    thanks: '谢谢，订单已提交。',
    thanksMore: '您已回归：欢迎消息会在下一页出现，控制台也已知晓。',
    goOn: '继续逛逛',
    mail: '您的邮箱：“{subject}”',
    noMail: '您的邮箱',
    story: '控制台中您的经历',
    live: '实时到达的事件',
    behind: '柜台背后',
    unknown: '没有发放过这个优惠码。',
    not_yours: '这个优惠码属于其他顾客。',
    over: '这个优惠码已使用或已过期。',
    no_coupon: '这个码不是折扣券。',
    basket_too_small: '购物车金额未达到使用门槛。',
    failed: '操作未成功：{what}',
    other: 'English',
  },
};

const query = new URLSearchParams(location.search);
const wished = query.get('lang') ?? sessionStorage.getItem('shop.lang') ?? navigator.language;
const lang = wished.toLowerCase().startsWith('zh') ? 'zh' : 'en';
sessionStorage.setItem('shop.lang', lang);
// A link in a mail carries the code.
const carried = query.get('coupon');
if (carried !== null && carried !== '') sessionStorage.setItem('shop.code', carried);

/** A Latin name inside Chinese text stands free. */
const inText = (name) => (lang === 'zh' && /^[\x20-\x7e]+$/.test(name) ? ` ${name} ` : name);
const say = (word, values = {}) => WORDS[lang][word].replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
const remembered = (name, otherwise) => JSON.parse(sessionStorage.getItem(`shop.${name}`) ?? 'null') ?? otherwise;
const remember = (name, value) => sessionStorage.setItem(`shop.${name}`, JSON.stringify(value));

const root = document.querySelector('#shop');
const days = new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const dayText = (day) => days.format(new Date(`${day}T00:00:00Z`));
document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';

let shop;
let sdk;
let customer;
let mail;
let said = '';

/** `make('a.button', { href }, 'Text', child)` */
function make(kind, attributes = {}, ...children) {
  const [tag, ...classes] = kind.split('.');
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

const money = (cents) =>
  new Intl.NumberFormat(lang === 'zh' ? 'zh-CN' : 'en', { style: 'currency', currency: shop.currency }).format(
    cents / 100,
  );
const decimal = (cents) => cents / 100;

async function ask(path, body) {
  const response = await fetch(`/shop/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'Content-Type': 'application/json', 'Accept-Language': lang },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.title ?? String(response.status));
  return answer;
}

const properties = (product, quantity) => ({
  product_id: product.id,
  sku: product.sku,
  name: product.name.en,
  brand: product.brand,
  category: product.categoryId,
  price: decimal(product.priceCents),
  ...(quantity === undefined ? {} : { quantity }),
});
const basketLines = () =>
  remembered('basket', []).flatMap((line) => {
    const product = shop.products.find((each) => each.id === line.productId);
    return product === undefined ? [] : [{ ...line, product }];
  });
const basketBody = (code) => ({
  personId: customer.personId,
  lines: basketLines().map(({ productId, quantity }) => ({ productId, quantity })),
  code,
});

function startSdk() {
  // `load` records the page and asks for what waits in her inbox.
  sdk = window.rekindle.load({
    host: location.origin,
    writeKey: shop.writeKey,
    token: async () => (await ask('sign-in', { personId: customer.personId })).token,
  });
}

async function enter(personId) {
  customer = shop.customers.find((each) => each.personId === personId);
  const isNew = remembered('customer') !== personId;
  remember('customer', personId);
  if (isNew) {
    remember('basket', []);
    if (carried === null) sessionStorage.removeItem('shop.code');
  }
  mail = (await ask('sign-in', { personId })).mail;
  go('#/');
  startSdk();
  sdk.identify(personId);
}

async function leave() {
  await sdk?.flush();
  sdk?.reset();
  for (const name of ['customer', 'basket', 'code']) sessionStorage.removeItem(`shop.${name}`);
  customer = undefined;
  // A fresh page, as on another day: what is shown once a page may be shown again.
  location.assign(`/shop?lang=${lang}`);
}

function go(hash) {
  if (location.hash === hash) show();
  else location.hash = hash;
}

const tile = (product) =>
  make(`div.tile.tile-${product.categoryId}`, { 'aria-hidden': 'true' }, product.category[lang]);

const door = () =>
  make(
    'main',
    {},
    make('h1', {}, say('who')),
    make('p.lead', {}, say(shop.customers.length === 0 ? 'nobody' : 'whoMore')),
    make(
      'ul.people',
      {},
      ...shop.customers.map((each) =>
        make(
          'li',
          {},
          make('strong', { lang: each.lang === 'zh' ? 'zh-CN' : 'en' }, each.name),
          make('span', {}, say('lastOrder', { day: dayText(each.lastOn), days: each.silentDays })),
          make(
            'button',
            { type: 'button', onclick: () => attempt(() => enter(each.personId)) },
            say('come', { name: inText(each.name) }),
          ),
        ),
      ),
    ),
  );

const shelves = () =>
  make(
    'main',
    {},
    make('h1', {}, say('all')),
    make(
      'ul.shelf',
      {},
      ...shop.products.map((product) =>
        make(
          'li',
          {},
          make(
            'a',
            { href: `#/p/${product.id}` },
            tile(product),
            make('strong', {}, product.name[lang]),
            make('span', {}, `${product.brand} · ${money(product.priceCents)}`),
          ),
        ),
      ),
    ),
  );

function productPage(product) {
  const add = () => {
    const lines = remembered('basket', []);
    const known = lines.find((line) => line.productId === product.id);
    remember(
      'basket',
      known === undefined
        ? [...lines, { productId: product.id, quantity: 1 }]
        : lines.map((line) => (line === known ? { ...line, quantity: Math.min(99, line.quantity + 1) } : line)),
    );
    sdk?.track('Product Added', properties(product, 1));
    said = say('added');
    show();
  };
  return make(
    'main.product',
    {},
    make('p', {}, make('a', { href: '#/' }, `← ${say('back')}`)),
    tile(product),
    make(
      'div',
      {},
      make('p.kind', {}, product.category[lang]),
      make('h1', {}, product.name[lang]),
      make('p', {}, product.brand),
      make('p.price', {}, money(product.priceCents)),
      customer === undefined ? undefined : make('button', { type: 'button', onclick: add }, say('add')),
    ),
  );
}

function checkout() {
  const lines = basketLines();
  const code = make('input', {
    id: 'code',
    name: 'code',
    autocomplete: 'off',
    spellcheck: 'false',
    value: sessionStorage.getItem('shop.code') ?? '',
  });
  const refusal = make('p.refusal', { role: 'alert', id: 'refusal' });
  const sums = make('dl.sums', {});
  const row = (word, cents) => [make('dt', {}, say(word)), make('dd', {}, money(cents))];
  const price = async () => {
    const text = code.value.trim();
    sessionStorage.setItem('shop.code', text);
    const quote = await ask('till', basketBody(text));
    refusal.textContent = quote.refusal === null ? '' : say(quote.refusal);
    sums.replaceChildren(
      ...row('list', quote.listCents),
      ...(quote.discountCents > 0 ? row('discount', -quote.discountCents) : []),
      ...row('total', quote.totalCents),
    );
    return quote;
  };
  if (lines.length > 0) void attempt(price);
  const order = async () => {
    const quote = await price();
    if (quote.refusal !== null) return;
    const text = code.value.trim().toUpperCase();
    const placed = await ask('orders', basketBody(text));
    sdk.track('Order Completed', {
      order_id: placed.orderId,
      revenue: decimal(placed.totalCents),
      total: decimal(placed.totalCents),
      currency: shop.currency,
      ...(text === '' ? {} : { coupon: text, discount: decimal(placed.discountCents) }),
      products: lines.map(({ product, quantity }) => properties(product, quantity)),
    });
    await sdk.flush();
    remember('basket', []);
    sessionStorage.removeItem('shop.code');
    go('#/thanks');
  };
  return make(
    'main',
    {},
    make('p', {}, make('a', { href: '#/' }, `← ${say('back')}`)),
    make('h1', {}, say('basket')),
    ...(lines.length === 0
      ? [make('p', {}, say('empty'))]
      : [
          make(
            'ul.lines',
            {},
            ...lines.map(({ product, quantity }) =>
              make(
                'li',
                {},
                make('span', {}, `${quantity} × ${product.name[lang]}`),
                make('span', {}, money(product.priceCents * quantity)),
                make(
                  'button.quiet',
                  {
                    type: 'button',
                    'aria-label': `${say('remove')}: ${product.name[lang]}`,
                    onclick: () => {
                      sdk.track('Product Removed', properties(product, quantity));
                      remember(
                        'basket',
                        remembered('basket', []).filter((line) => line.productId !== product.id),
                      );
                      show();
                    },
                  },
                  say('remove'),
                ),
              ),
            ),
          ),
          make(
            'form.code',
            {
              onsubmit: (event) => {
                event.preventDefault();
                void attempt(price);
              },
            },
            make('label', { for: 'code' }, say('code')),
            code,
            make('button.quiet', { type: 'submit' }, say('apply')),
          ),
          refusal,
          sums,
          make('button', { type: 'button', onclick: (event) => once(event.currentTarget, order) }, say('order')),
        ]),
  );
}

const thanks = () =>
  make(
    'main',
    {},
    make('h1', {}, say('thanks')),
    make('p.lead', {}, say('thanksMore')),
    make('p', {}, make('a.button', { href: '#/' }, say('goOn'))),
  );

const frame = (body) => [
  make(
    'header',
    {},
    make('a.brand', { href: '#/' }, say('title')),
    make(
      'nav',
      {},
      customer === undefined ? undefined : make('span', {}, say('hello', customer)),
      customer === undefined
        ? undefined
        : make('a', { href: '#/basket' }, `${say('basket')} (${basketLines().reduce((n, l) => n + l.quantity, 0)})`),
      customer === undefined
        ? undefined
        : make('button.quiet', { type: 'button', onclick: () => attempt(leave) }, say('leave')),
      make(
        'a',
        { href: `/shop?lang=${lang === 'zh' ? 'en' : 'zh'}`, lang: lang === 'zh' ? 'en' : 'zh-CN' },
        say('other'),
      ),
    ),
  ),
  body,
  make('p.said', { role: 'status', id: 'said' }, said),
  make(
    'footer',
    {},
    make('p', {}, say('demo')),
    customer === undefined
      ? undefined
      : make(
          'nav',
          { 'aria-label': say('behind') },
          make(
            'a',
            { href: mail?.url ?? '/mailbox' },
            mail === null || mail === undefined ? say('noMail') : say('mail', mail),
          ),
          make('a', { href: `/console/people/${encodeURIComponent(customer.personId)}` }, say('story')),
          make('a', { href: '/console/data' }, say('live')),
        ),
  ),
];

let viewed = '';
function show() {
  document.title = say('title');
  const [, place, id] = location.hash.split('/');
  const product = place === 'p' ? shop.products.find((each) => each.id === id) : undefined;
  if (product !== undefined) document.title = `${product.name[lang]} · ${say('title')}`;
  const body =
    product !== undefined
      ? productPage(product)
      : customer === undefined
        ? door()
        : place === 'basket'
          ? checkout()
          : place === 'thanks'
            ? thanks()
            : shelves();
  root.replaceChildren(...frame(body));
  said = '';
  if (viewed !== location.hash && sdk !== undefined && product !== undefined)
    sdk.track('Product Viewed', { ...properties(product), url: location.href });
  viewed = location.hash;
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    const note = document.querySelector('#said');
    if (note !== null) note.textContent = say('failed', { what: error instanceof Error ? error.message : error });
  }
}

/** A second click while the first is at work does nothing. */
async function once(button, work) {
  if (button.disabled) return;
  button.disabled = true;
  await attempt(work);
  button.disabled = false;
}

async function begin() {
  shop = await ask('data');
  window.addEventListener('hashchange', show);
  const personId = remembered('customer');
  if (shop.customers.some((each) => each.personId === personId)) {
    customer = shop.customers.find((each) => each.personId === personId);
    mail = (await ask('sign-in', { personId })).mail;
    startSdk();
  }
  show();
}

void begin().catch((error) => {
  root.textContent = say('failed', { what: error instanceof Error ? error.message : error });
});
