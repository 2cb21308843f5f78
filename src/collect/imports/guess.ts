// What do the columns of an unknown file mean? From header names in English and Chinese, and from sample values. Pure.
import { column, type Field, type Mapping, type Term } from './mapping.ts';
import {
  isEmptyCell,
  looksLikeEmail,
  looksLikeNumber,
  looksLikePhone,
  looksLikeTime,
  looksLikeUnixTime,
} from './values.ts';

export type GuessReason = {
  readonly field: Field;
  readonly column: string;
  readonly confidence: number;
  readonly why: string;
};
export type Guess = { readonly mapping: Mapping; readonly reasons: readonly GuessReason[] };

type Kind = 'any' | 'number' | 'time' | 'email' | 'phone' | 'text';
/** `names` are compared without case, spaces and punctuation; earlier ones are better. `values` must fit most of the sample. */
type Hint = { readonly field: Field; readonly values: Kind; readonly names: readonly string[]; readonly like?: RegExp };

const HINTS: readonly Hint[] = [
  {
    field: 'person',
    values: 'any',
    names: [
      'customerid',
      'userid',
      'personid',
      'memberid',
      'clientid',
      'buyerid',
      'shopperid',
      'customeruniqueid',
      'customercode',
      'customerno',
      'customernumber',
      'custid',
      'uid',
      'memberno',
      'accountid',
      'visitorid',
      'user',
      'customer',
      'member',
      '用户id',
      '用户编号',
      '客户id',
      '客户编号',
      '会员id',
      '会员号',
      '会员编号',
      '会员卡号',
      '买家id',
      '顾客id',
      '用户',
      '客户',
      '会员',
      '买家',
      '买家昵称',
      '顾客',
      'masterid',
    ],
    like: /(?:customer|user|member|client|buyer)(?:id|no|key|code)$|(?:用户|客户|会员|买家|顾客).*(?:id|号|编号|编码)$/,
  },
  { field: 'anonymous', values: 'any', names: ['anonymousid', 'deviceid', 'cookieid', '匿名id', '设备id'] },
  {
    field: 'time',
    values: 'time',
    names: [
      'originaltimestamp',
      'timestamp',
      'orderdate',
      'orderedat',
      'ordertime',
      'invoicedate',
      'purchasedate',
      'purchasetime',
      'purchasedat',
      'transactiondate',
      'transactiontime',
      'eventtime',
      'occurredat',
      'orderpurchasetimestamp',
      'paidat',
      'paymenttime',
      'createdat',
      'createtime',
      'datetime',
      'date',
      'time',
      'ts',
      'dt',
      'day',
      '下单时间',
      '下单日期',
      '订单时间',
      '订单日期',
      '订单创建时间',
      '付款时间',
      '支付时间',
      '购买时间',
      '购买日期',
      '交易时间',
      '交易日期',
      '消费时间',
      '消费日期',
      '创建时间',
      '事件时间',
      '发生时间',
      '时间',
      '日期',
    ],
    like: /(?:date|time|at)$|时间|日期/,
  },
  {
    field: 'order',
    values: 'any',
    names: [
      'orderid',
      'orderno',
      'ordernumber',
      'invoiceno',
      'invoice',
      'invoiceid',
      'invoicenumber',
      'transactionid',
      'receiptid',
      'receiptno',
      'basketid',
      'order',
      '订单号',
      '订单编号',
      '订单id',
      '交易号',
      '交易单号',
      '流水号',
      '单号',
      '小票号',
    ],
    like: /^(?:order|invoice|transaction|receipt)(?:id|no|num|code|key)|订单(?:号|编号)|单号$/,
  },
  {
    field: 'amount',
    values: 'number',
    names: [
      'amount',
      'totalamount',
      'orderamount',
      'ordertotal',
      'total',
      'totalprice',
      'revenue',
      'paymentvalue',
      'grandtotal',
      'sales',
      'linetotal',
      'spend',
      'usd',
      'value',
      'paid',
      'netamount',
      'subtotal',
      'salesamount',
      'amountpaid',
      '实付金额',
      '实付款',
      '支付金额',
      '付款金额',
      '订单金额',
      '成交金额',
      '消费金额',
      '交易金额',
      '销售额',
      '总金额',
      '总价',
      '金额',
      '小计',
    ],
    like: /amount|total|revenue|spend|金额|实付/,
  },
  {
    field: 'unitPrice',
    values: 'number',
    names: [
      'unitprice',
      'price',
      'itemprice',
      'sellingprice',
      'unitcost',
      '单价',
      '商品单价',
      '成交单价',
      '售价',
      '价格',
    ],
    like: /price$|单价|价格/,
  },
  {
    field: 'quantity',
    values: 'number',
    names: [
      'quantity',
      'qty',
      'units',
      'itemcount',
      'count',
      'cds',
      'items',
      '数量',
      '购买数量',
      '商品数量',
      '件数',
      '销量',
    ],
    like: /quantity|qty|数量|件数/,
  },
  { field: 'currency', values: 'text', names: ['currency', 'currencycode', '币种', '货币'] },
  { field: 'status', values: 'text', names: ['orderstatus', 'status', 'state', '订单状态', '交易状态', '状态'] },
  {
    field: 'product',
    values: 'any',
    names: [
      'productid',
      'sku',
      'skuid',
      'stockcode',
      'itemid',
      'productcode',
      'itemcode',
      'product',
      'item',
      'asin',
      '商品id',
      '商品编号',
      '商品编码',
      '货号',
      '产品编号',
      '产品id',
      '商品',
      '产品',
    ],
    like: /(?:product|item|sku|stock)(?:id|code|no)$|(?:商品|产品).*(?:id|编号|编码)$/,
  },
  {
    field: 'productName',
    values: 'text',
    names: [
      'productname',
      'itemname',
      'producttitle',
      'description',
      'title',
      '商品名称',
      '商品名',
      '商品标题',
      '产品名称',
      '宝贝标题',
      '品名',
    ],
  },
  {
    field: 'category',
    values: 'text',
    names: [
      'category',
      'productcategory',
      'categoryname',
      'department',
      '品类',
      '类目',
      '分类',
      '商品类别',
      '商品分类',
      '类别',
    ],
  },
  { field: 'brand', values: 'text', names: ['brand', 'brandname', 'vendor', '品牌'] },
  {
    field: 'event',
    values: 'text',
    names: ['event', 'eventname', 'eventtype', 'action', 'activity', '事件', '事件名', '事件名称', '行为', '行为类型'],
  },
  { field: 'messageId', values: 'any', names: ['messageid', 'eventid', 'insertid', '消息id', '事件id'] },
  { field: 'properties', values: 'any', names: ['properties', 'eventproperties', '属性'] },
  {
    field: 'email',
    values: 'email',
    names: ['email', 'emailaddress', 'mail', 'customeremail', '邮箱', '电子邮箱', '电子邮件', '邮件'],
    like: /email|邮箱/,
  },
  {
    field: 'phone',
    values: 'phone',
    names: [
      'phone',
      'mobile',
      'phonenumber',
      'mobilephone',
      'tel',
      'telephone',
      'cellphone',
      '手机',
      '手机号',
      '手机号码',
      '电话',
      '联系电话',
      '联系手机',
    ],
    like: /phone|mobile|手机|电话/,
  },
  {
    field: 'firstName',
    values: 'text',
    names: [
      'firstname',
      'givenname',
      'name',
      'customername',
      'fullname',
      '名字',
      '姓名',
      '客户姓名',
      '用户姓名',
      '收货人姓名',
      '收货人',
    ],
  },
  { field: 'country', values: 'text', names: ['country', 'countrycode', 'shippingcountry', '国家', '国家地区'] },
  { field: 'language', values: 'text', names: ['language', 'locale', 'lang', '语言'] },
  {
    field: 'consent',
    values: 'any',
    names: [
      'consent',
      'marketingconsent',
      'acceptsmarketing',
      'emailoptin',
      'optin',
      'subscribed',
      '营销许可',
      '接受营销',
      '同意营销',
      '是否订阅',
    ],
  },
];

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

const FITS: Readonly<Record<Kind, (cell: string) => boolean>> = {
  any: () => true,
  number: (cell) => looksLikeNumber(cell) && !looksLikeTime(cell),
  time: (cell) => looksLikeTime(cell) || looksLikeUnixTime(cell),
  email: looksLikeEmail,
  phone: looksLikePhone,
  text: (cell) => !looksLikeNumber(cell) && !looksLikeTime(cell),
};

/** Share of the non-empty sample cells that fit; undefined when all are empty. */
function fitOf(values: Kind, cells: readonly string[]): number | undefined {
  const filled = cells.filter((cell) => !isEmptyCell(cell));
  return filled.length === 0 ? undefined : filled.filter(FITS[values]).length / filled.length;
}

const FIT_MIN = 0.6;

type Candidate = GuessReason & { readonly rank: number };

function candidateOf(hint: Hint, name: string, cells: readonly string[]): Candidate | undefined {
  const key = plain(name);
  const at = hint.names.indexOf(key);
  const isLike = hint.like?.test(key) ?? false;
  if (at < 0 && !isLike) return undefined;
  const fit = fitOf(hint.values, cells);
  if (fit !== undefined && fit < FIT_MIN) return undefined;
  const byName = at >= 0 ? 0.97 - Math.min(at, 30) * 0.008 : 0.6;
  const confidence = Math.round(byName * (fit === undefined ? 0.7 : 0.5 + 0.5 * fit) * 100) / 100;
  const values =
    hint.values === 'any' || fit === undefined ? '' : `; ${Math.round(fit * 100)} % of the sample are ${hint.values}`;
  const why = `${at >= 0 ? 'known name' : 'similar name'}${values}`;
  return { field: hint.field, column: name, confidence, why, rank: confidence };
}

/** `rows` are sample records in the order of `columns`. Every column is used for one field at most. */
export function guessMapping(columns: readonly string[], rows: readonly (readonly string[])[]): Guess {
  const cellsOf = new Map(columns.map((name, i) => [name, rows.map((row) => row[i] ?? '')]));
  const candidates = HINTS.flatMap((hint) =>
    columns.flatMap((name) => candidateOf(hint, name, cellsOf.get(name) ?? []) ?? []),
  ).sort((a, b) => b.rank - a.rank);
  const mapping: Partial<Record<Field, Term>> = {};
  const reasons: GuessReason[] = [];
  const taken = new Set<string>();
  const take = (reason: GuessReason): void => {
    mapping[reason.field] = column(reason.column);
    taken.add(reason.column);
    reasons.push(reason);
  };
  for (const { rank: _rank, ...reason } of candidates) {
    if (mapping[reason.field] === undefined && !taken.has(reason.column)) take(reason);
  }
  const byValues = (field: Field, kind: Kind): void => {
    if (mapping[field] !== undefined) return;
    const found = columns.find((name) => !taken.has(name) && (fitOf(kind, cellsOf.get(name) ?? []) ?? 0) >= 0.9);
    if (found !== undefined) take({ field, column: found, confidence: 0.4, why: `its values look like ${kind}` });
  };
  byValues('time', 'time');
  byValues('email', 'email');
  // Without a number for the person, her address names her.
  const address = mapping.email ?? mapping.phone;
  if (mapping.person === undefined && address?.kind === 'column') {
    mapping.person = address;
    reasons.push({
      field: 'person',
      column: address.column,
      confidence: 0.5,
      why: 'no id column: the address names the person',
    });
  }
  // `amount` beside a unit price and a quantity stays what it says; one price without a quantity is what was paid.
  if (mapping.amount === undefined && mapping.unitPrice !== undefined && mapping.quantity === undefined) {
    mapping.amount = mapping.unitPrice;
    delete mapping.unitPrice;
  }
  return { mapping, reasons };
}
