// Names that columns have in the wild, in English and Chinese, and what their values must look like. Pure.
import type { Field } from './mapping.ts';

export type Kind = 'any' | 'number' | 'time' | 'email' | 'phone' | 'text';
/** `names` are compared without case, spaces and punctuation; earlier ones are better. `values` must fit most of the sample. */
export type Hint = {
  readonly field: Field;
  readonly values: Kind;
  readonly names: readonly string[];
  readonly like?: RegExp;
};

const words = (list: string): readonly string[] => list.split(' ');

export const HINTS: readonly Hint[] = [
  {
    field: 'person',
    values: 'any',
    names: words(
      'customerid userid personid memberid clientid buyerid shopperid customeruniqueid customercode customerno customernumber custid uid memberno accountid visitorid user customer member 用户id 用户编号 客户id 客户编号 会员id 会员号 会员编号 会员卡号 买家id 顾客id 用户 客户 会员 买家 买家昵称 顾客 masterid',
    ),
    like: /(?:customer|user|member|client|buyer)(?:id|no|key|code)$|(?:用户|客户|会员|买家|顾客).*(?:id|号|编号|编码)$/,
  },
  { field: 'anonymous', values: 'any', names: words('anonymousid deviceid cookieid 匿名id 设备id') },
  {
    field: 'time',
    values: 'time',
    names: words(
      'originaltimestamp timestamp orderdate orderedat ordertime invoicedate purchasedate purchasetime purchasedat transactiondate transactiontime eventtime occurredat orderpurchasetimestamp paidat paymenttime createdat createtime datetime date time ts dt day 下单时间 下单日期 订单时间 订单日期 订单创建时间 付款时间 支付时间 购买时间 购买日期 交易时间 交易日期 消费时间 消费日期 创建时间 事件时间 发生时间 时间 日期',
    ),
    like: /(?:date|time|at)$|时间|日期/,
  },
  {
    field: 'order',
    values: 'any',
    names: words(
      'orderid orderno ordernumber invoiceno invoice invoiceid invoicenumber transactionid receiptid receiptno basketid order 订单号 订单编号 订单id 交易号 交易单号 流水号 单号 小票号',
    ),
    like: /^(?:order|invoice|transaction|receipt)(?:id|no|num|code|key)|订单(?:号|编号)|单号$/,
  },
  {
    field: 'amount',
    values: 'number',
    names: words(
      'amount totalamount orderamount ordertotal total totalprice revenue paymentvalue grandtotal sales linetotal spend usd value paid netamount subtotal salesamount amountpaid 实付金额 实付款 支付金额 付款金额 订单金额 成交金额 消费金额 交易金额 销售额 总金额 总价 金额 小计',
    ),
    like: /amount|total|revenue|spend|金额|实付/,
  },
  {
    field: 'unitPrice',
    values: 'number',
    names: words('unitprice price itemprice sellingprice unitcost 单价 商品单价 成交单价 售价 价格'),
    like: /price$|单价|价格/,
  },
  {
    field: 'quantity',
    values: 'number',
    names: words('quantity qty units itemcount count cds items 数量 购买数量 商品数量 件数 销量'),
    like: /quantity|qty|数量|件数/,
  },
  { field: 'currency', values: 'text', names: words('currency currencycode 币种 货币') },
  { field: 'status', values: 'text', names: words('orderstatus status state 订单状态 交易状态 状态') },
  {
    field: 'product',
    values: 'any',
    names: words(
      'productid sku skuid stockcode itemid productcode itemcode product item asin 商品id 商品编号 商品编码 货号 产品编号 产品id 商品 产品',
    ),
    like: /(?:product|item|sku|stock)(?:id|code|no)$|(?:商品|产品).*(?:id|编号|编码)$/,
  },
  {
    field: 'productName',
    values: 'text',
    names: words('productname itemname producttitle description title 商品名称 商品名 商品标题 产品名称 宝贝标题 品名'),
  },
  {
    field: 'category',
    values: 'text',
    names: words('category productcategory categoryname department 品类 类目 分类 商品类别 商品分类 类别'),
  },
  { field: 'brand', values: 'text', names: words('brand brandname vendor 品牌') },
  {
    field: 'event',
    values: 'text',
    names: words('event eventname eventtype action activity 事件 事件名 事件名称 行为 行为类型'),
  },
  { field: 'messageId', values: 'any', names: words('messageid eventid insertid 消息id 事件id') },
  { field: 'properties', values: 'any', names: words('properties eventproperties 属性') },
  {
    field: 'email',
    values: 'email',
    names: words('email emailaddress mail customeremail 邮箱 电子邮箱 电子邮件 邮件'),
    like: /email|邮箱/,
  },
  {
    field: 'phone',
    values: 'phone',
    names: words(
      'phone mobile phonenumber mobilephone tel telephone cellphone 手机 手机号 手机号码 电话 联系电话 联系手机',
    ),
    like: /phone|mobile|手机|电话/,
  },
  {
    field: 'firstName',
    values: 'text',
    names: words('firstname givenname name customername fullname 名字 姓名 客户姓名 用户姓名 收货人姓名 收货人'),
  },
  { field: 'country', values: 'text', names: words('country countrycode shippingcountry 国家 国家地区') },
  { field: 'language', values: 'text', names: words('language locale lang 语言') },
  {
    field: 'consent',
    values: 'any',
    names: words(
      'consent marketingconsent acceptsmarketing emailoptin optin subscribed 营销许可 接受营销 同意营销 是否订阅',
    ),
  },
];
