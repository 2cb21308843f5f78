// Which traces does each cause leave? One table, read by the engine, the evidence in words and the documentation alike. Names are those of
// the Segment specification and the usual alternatives. Adding a signal is adding a row.
import type { EventMatch, PropertyTest, Signal } from './signal.ts';

const events = (...names: readonly string[]): EventMatch => ({ names });
const where = (names: readonly string[], ...tests: readonly PropertyTest[]): EventMatch => ({ names, tests });

const PAGE = ['page', 'screen'];
const PLACE = ['path', 'url', 'title', 'name'];
const ORDER = ['Order Completed'];
/** Needs that end by themselves: a child grows up, a school is finished, a wedding is over. */
const LIFE_CYCLE = [
  'baby',
  'matern',
  'pregnan',
  'nursery',
  'school',
  'exam',
  'wedding',
  '母婴',
  '孕',
  '婴',
  '学习用品',
  '考试',
  '婚',
];

export const SIGNALS: readonly Signal[] = [
  {
    id: 'refund',
    kind: 'events',
    any: [events('Order Refunded', 'Refund Requested', 'Product Returned')],
    halfLifeDays: 30,
    afterDays: 45,
    weights: { bad_experience: 1.9 },
    evidence: { en: '{count} refund(s), the last on {date}', zh: '退款 {count} 次，最近一次在 {date}' },
  },
  {
    id: 'ticket',
    kind: 'events',
    any: [events('Ticket Opened', 'Complaint Filed', 'Support Ticket Created', 'Conversation Started')],
    halfLifeDays: 30,
    afterDays: 45,
    weights: { bad_experience: 1.7 },
    evidence: {
      en: '{count} complaint(s) or support ticket(s), the last on {date}',
      zh: '投诉或工单 {count} 次，最近一次在 {date}',
    },
  },
  {
    id: 'low_rating',
    kind: 'events',
    any: [
      where(['Product Reviewed', 'Review Submitted', 'Rating Given'], { kind: 'at_most', keys: ['rating'], value: 2 }),
    ],
    halfLifeDays: 30,
    afterDays: 45,
    weights: { bad_experience: 2.4 },
    evidence: {
      en: '{count} rating(s) of two stars or less, the last on {date}',
      zh: '两星及以下评价 {count} 次，最近一次在 {date}',
    },
  },
  {
    id: 'late_delivery',
    kind: 'events',
    any: [
      where(['Order Delivered'], { kind: 'at_least', keys: ['days_late', 'daysLate'], value: 1 }),
      events('Order Delayed', 'Delivery Delayed'),
    ],
    halfLifeDays: 30,
    afterDays: 45,
    weights: { bad_experience: 1.4 },
    evidence: { en: '{count} late delivery(ies), the last on {date}', zh: '配送延迟 {count} 次，最近一次在 {date}' },
  },
  {
    id: 'error_shown',
    kind: 'events',
    any: [events('Error Shown', 'Application Crashed', 'Payment Failed')],
    halfLifeDays: 20,
    afterDays: 60,
    weights: { bad_experience: 0.4 },
    evidence: {
      en: '{count} error(s) or crash(es), the last on {date}',
      zh: '报错或崩溃 {count} 次，最近一次在 {date}',
    },
  },
  {
    id: 'sign_in_trouble',
    kind: 'events',
    any: [events('Sign In Failed', 'Login Failed', 'Password Reset Requested', 'Password Reset')],
    halfLifeDays: 20,
    afterDays: 60,
    weights: { bad_experience: 1.4 },
    evidence: {
      en: '{count} failed sign-in(s) or password reset(s), the last on {date}',
      zh: '登录失败或重置密码 {count} 次，最近一次在 {date}',
    },
  },
  {
    id: 'price_comparison',
    kind: 'events',
    any: [
      where(PAGE, { kind: 'contains', keys: PLACE, words: ['price-match', 'price match', 'compare', '比价'] }),
      events('Coupon Denied', 'Price Compared', 'Products Compared'),
    ],
    halfLifeDays: 30,
    afterDays: 75,
    weights: { competitor: 2.4 },
    evidence: {
      en: '{count} price comparison(s) or refused coupon(s), the last on {date}',
      zh: '比价或优惠券被拒 {count} 次，最近一次在 {date}',
    },
  },
  {
    id: 'out_of_stock',
    kind: 'events',
    any: [
      where(['Product Viewed'], {
        kind: 'is',
        keys: ['availability', 'stock_status'],
        texts: ['out_of_stock', 'sold_out', 'outofstock'],
      }),
      events('Product Out Of Stock', 'Back In Stock Requested'),
    ],
    halfLifeDays: 30,
    afterDays: 75,
    weights: { competitor: 1.3 },
    evidence: {
      en: '{count} sold-out product(s) viewed, the last on {date}',
      zh: '浏览缺货商品 {count} 次，最近一次在 {date}',
    },
  },
  {
    id: 'coupon_use',
    kind: 'events',
    any: [events('Coupon Applied', 'Coupon Entered')],
    halfLifeDays: 180,
    afterDays: 30,
    weights: { competitor: 1.1 },
    evidence: { en: '{count} coupon(s) used, the last on {date}', zh: '使用优惠券 {count} 次，最近一次在 {date}' },
  },
  {
    id: 'cart_left',
    kind: 'events',
    any: [events('Product Added', 'Cart Abandoned')],
    less: [events(...ORDER)],
    halfLifeDays: 15,
    afterDays: 60,
    weights: { competitor: 1.3, forgot: 1.4 },
    evidence: {
      en: '{count} product(s) put into a cart, the last on {date}',
      zh: '加入购物车 {count} 次，最近一次在 {date}',
    },
  },
  {
    id: 'ignored_messages',
    kind: 'events',
    any: [events('Email Delivered', 'Push Notification Delivered', 'SMS Delivered', 'Message Delivered')],
    less: [
      // What a mail proxy opened says nothing about the person.
      where(['Email Opened', 'Push Notification Tapped', 'Message Opened'], {
        kind: 'not_true',
        keys: ['proxy', 'machine'],
      }),
    ],
    halfLifeDays: 30,
    afterDays: 60,
    weights: { overload: 1.1 },
    evidence: {
      en: '{count} message(s) sent to her, most of them ignored, the last on {date}',
      zh: '收到 {count} 条消息，大多未理会，最近一条在 {date}',
    },
  },
  {
    id: 'notifications_off',
    kind: 'events',
    any: [
      where(['Notification Permission Changed'], {
        kind: 'is',
        keys: ['permission', 'status'],
        texts: ['denied', 'revoked', 'off'],
      }),
      events('Push Notifications Disabled', 'Application Uninstalled'),
    ],
    halfLifeDays: 30,
    afterDays: 75,
    weights: { overload: 2.6, privacy: 2.1 },
    evidence: { en: 'switched notifications off on {date}', zh: '于 {date} 关闭通知权限' },
  },
  {
    id: 'unsubscribed',
    kind: 'events',
    any: [events('Unsubscribed', 'Email Unsubscribed', 'Email Marked as Spam')],
    halfLifeDays: 20,
    afterDays: 90,
    weights: { bad_experience: 1.9, overload: 2.8, privacy: 2.4 },
    evidence: { en: 'unsubscribed on {date}', zh: '于 {date} 退订' },
  },
  {
    id: 'privacy_page',
    kind: 'events',
    any: [
      where(PAGE, {
        kind: 'contains',
        keys: PLACE,
        words: ['privacy', 'account/data', 'delete-account', '隐私', '注销'],
      }),
      events('Data Export Requested', 'Account Deletion Requested'),
    ],
    halfLifeDays: 30,
    afterDays: 75,
    weights: { privacy: 3.6 },
    evidence: {
      en: '{count} visit(s) to the privacy pages, the last on {date}',
      zh: '访问隐私页面 {count} 次，最近一次在 {date}',
    },
  },
  {
    id: 'cookie_choice',
    kind: 'events',
    any: [events('Cookie Preferences Changed', 'Consent Preferences Updated', 'Tracking Permission Denied')],
    halfLifeDays: 30,
    afterDays: 75,
    weights: { privacy: 1.5 },
    evidence: { en: 'changed cookie preferences on {date}', zh: '于 {date} 修改 Cookie 偏好' },
  },
  {
    id: 'never_agreed',
    kind: 'trait',
    trait: 'marketing_consent',
    is: false,
    weights: { privacy: 1 },
    evidence: { en: 'never agreed to marketing', zh: '从未同意接收营销信息' },
  },
  {
    id: 'moved',
    kind: 'events',
    any: [events('Address Changed', 'Country Changed')],
    halfLifeDays: 30,
    afterDays: 75,
    weights: { changed_need: 2.8 },
    evidence: { en: 'changed address on {date}', zh: '于 {date} 变更地址' },
  },
  {
    id: 'moved_abroad',
    kind: 'events',
    any: [where(['Address Changed'], { kind: 'true', keys: ['abroad'] }), events('Country Changed')],
    halfLifeDays: 45,
    afterDays: 90,
    weights: { changed_need: 0.3 },
    evidence: { en: 'moved to another country on {date}', zh: '于 {date} 移居其他国家或地区' },
  },
  {
    id: 'life_cycle',
    kind: 'events',
    any: [where(ORDER, { kind: 'product', words: LIFE_CYCLE })],
    halfLifeDays: 60,
    afterDays: 0,
    weights: { changed_need: 1.6, unknown: 1.5 },
    evidence: {
      en: '{count} order(s) for a need that ends by itself, the last on {date}',
      zh: '阶段性需求订单 {count} 笔，最近一笔在 {date}',
    },
  },
  {
    id: 'life_cycle_end',
    kind: 'events',
    any: [where(ORDER, { kind: 'product', words: LIFE_CYCLE, name: '(?:[Ss]ize|[Ss]tage|[Ss]tep) ?[5-9]|[5-9] ?段' })],
    halfLifeDays: 60,
    afterDays: 0,
    weights: { changed_need: 0.2, unknown: -2.5 },
    evidence: {
      en: '{count} order(s) of the last size in a series, the last on {date}',
      zh: '购买系列最后一段的订单 {count} 笔，最近一笔在 {date}',
    },
  },
  {
    id: 'not_due',
    kind: 'state',
    state: 'not_due',
    weights: { unknown: 3.1 },
    evidence: { en: 'the silence is not long for her own rhythm', zh: '以其自身节奏衡量，沉默并不算久' },
  },
];
