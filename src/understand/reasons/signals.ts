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
    label: { en: 'Asked for a refund or sent something back', zh: '退款或退货' },
    kind: 'events',
    any: [events('Order Refunded', 'Refund Requested', 'Product Returned')],
    halfLifeDays: 30,
    afterDays: 45,
    weights: { bad_experience: 1.9 },
    evidence: {
      en: '{count} [refund|refunds], [on|the last on] {date}',
      zh: '退款 {count} 次，[在|最近一次在] {date}',
    },
  },
  {
    id: 'ticket',
    label: { en: 'Complained or opened a support ticket', zh: '投诉或提交工单' },
    kind: 'events',
    any: [events('Ticket Opened', 'Complaint Filed', 'Support Ticket Created', 'Conversation Started')],
    halfLifeDays: 30,
    afterDays: 45,
    weights: { bad_experience: 1.7 },
    evidence: {
      en: '{count} [complaint or support ticket|complaints or support tickets], [on|the last on] {date}',
      zh: '投诉或工单 {count} 次，[在|最近一次在] {date}',
    },
  },
  {
    id: 'low_rating',
    label: { en: 'Rated something two stars or less', zh: '给出两星及以下评价' },
    kind: 'events',
    any: [
      where(['Product Reviewed', 'Review Submitted', 'Rating Given'], { kind: 'at_most', keys: ['rating'], value: 2 }),
    ],
    halfLifeDays: 30,
    afterDays: 45,
    weights: { bad_experience: 2.4 },
    evidence: {
      en: '{count} [rating|ratings] of two stars or less, [on|the last on] {date}',
      zh: '两星及以下评价 {count} 次，[在|最近一次在] {date}',
    },
  },
  {
    id: 'late_delivery',
    label: { en: 'Got a late delivery', zh: '遇到配送延迟' },
    kind: 'events',
    any: [
      where(['Order Delivered'], { kind: 'at_least', keys: ['days_late', 'daysLate'], value: 1 }),
      events('Order Delayed', 'Delivery Delayed'),
    ],
    halfLifeDays: 30,
    afterDays: 45,
    weights: { bad_experience: 1.4 },
    evidence: {
      en: '{count} late [delivery|deliveries], [on|the last on] {date}',
      zh: '配送延迟 {count} 次，[在|最近一次在] {date}',
    },
  },
  {
    id: 'error_shown',
    label: { en: 'Saw errors or crashes', zh: '遇到报错或崩溃' },
    kind: 'events',
    any: [events('Error Shown', 'Application Crashed', 'Payment Failed')],
    halfLifeDays: 20,
    afterDays: 60,
    weights: { bad_experience: 0.4 },
    evidence: {
      en: '{count} [error or crash|errors or crashes], [on|the last on] {date}',
      zh: '报错或崩溃 {count} 次，[在|最近一次在] {date}',
    },
  },
  {
    id: 'sign_in_trouble',
    label: { en: 'Had trouble signing in', zh: '登录遇到困难' },
    kind: 'events',
    any: [events('Sign In Failed', 'Login Failed', 'Password Reset Requested', 'Password Reset')],
    halfLifeDays: 20,
    afterDays: 60,
    weights: { bad_experience: 1.4 },
    evidence: {
      en: '{count} [failed sign-in or password reset|failed sign-ins or password resets], [on|the last on] {date}',
      zh: '登录失败或重置密码 {count} 次，[在|最近一次在] {date}',
    },
  },
  {
    id: 'price_comparison',
    label: { en: 'Compared prices or was refused a coupon', zh: '比价或优惠券被拒' },
    kind: 'events',
    any: [
      where(PAGE, { kind: 'contains', keys: PLACE, words: ['price-match', 'price match', 'compare', '比价'] }),
      events('Coupon Denied', 'Price Compared', 'Products Compared'),
    ],
    halfLifeDays: 30,
    afterDays: 75,
    weights: { competitor: 2.4 },
    evidence: {
      en: '{count} [price comparison or refused coupon|price comparisons or refused coupons], [on|the last on] {date}',
      zh: '比价或优惠券被拒 {count} 次，[在|最近一次在] {date}',
    },
  },
  {
    id: 'out_of_stock',
    label: { en: 'Looked at sold-out products', zh: '浏览缺货商品' },
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
      en: '{count} sold-out [product|products] viewed, [on|the last on] {date}',
      zh: '浏览缺货商品 {count} 次，[在|最近一次在] {date}',
    },
  },
  {
    id: 'coupon_use',
    label: { en: 'Bought with coupons', zh: '使用优惠券购买' },
    kind: 'events',
    any: [events('Coupon Applied', 'Coupon Entered')],
    halfLifeDays: 180,
    afterDays: 30,
    weights: { competitor: 1.1 },
    evidence: {
      en: '{count} [coupon|coupons] used, [on|the last on] {date}',
      zh: '使用优惠券 {count} 次，[在|最近一次在] {date}',
    },
  },
  {
    id: 'cart_left',
    label: { en: 'Left products in a cart', zh: '购物车有未结算商品' },
    kind: 'events',
    any: [events('Product Added', 'Cart Abandoned')],
    less: [events(...ORDER)],
    halfLifeDays: 15,
    afterDays: 60,
    weights: { competitor: 1.3, forgot: 1.4 },
    evidence: {
      en: '{count} [product|products] put into a cart, [on|the last on] {date}',
      zh: '加入购物车 {count} 次，[在|最近一次在] {date}',
    },
  },
  {
    id: 'ignored_messages',
    label: { en: 'Ignored most of our messages', zh: '大多未理会我们的消息' },
    kind: 'events',
    any: [events('Email Delivered', 'Push Notification Delivered', 'SMS Delivered', 'Message Delivered')],
    less: [
      // What a mail proxy opened says nothing about the person.
      where(['Email Opened', 'Push Notification Tapped', 'Message Clicked'], {
        kind: 'not_true',
        keys: ['proxy', 'machine'],
      }),
    ],
    halfLifeDays: 30,
    afterDays: 60,
    weights: { overload: 1.1 },
    evidence: {
      en: '{count} [message|messages] sent to her, most of them ignored, [on|the last on] {date}',
      zh: '收到 {count} 条消息，大多未理会，最近一条在 {date}',
    },
  },
  {
    id: 'notifications_off',
    label: { en: 'Switched notifications off', zh: '关闭通知权限' },
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
    label: { en: 'Unsubscribed', zh: '退订' },
    kind: 'events',
    any: [events('Unsubscribed', 'Email Unsubscribed', 'Email Marked as Spam')],
    halfLifeDays: 20,
    afterDays: 90,
    weights: { bad_experience: 1.9, overload: 2.8, privacy: 2.4 },
    evidence: { en: 'unsubscribed on {date}', zh: '于 {date} 退订' },
  },
  {
    id: 'privacy_page',
    label: { en: 'Visited the privacy pages', zh: '访问隐私页面' },
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
      en: '{count} [visit|visits] to the privacy pages, [on|the last on] {date}',
      zh: '访问隐私页面 {count} 次，[在|最近一次在] {date}',
    },
  },
  {
    id: 'cookie_choice',
    label: { en: 'Changed cookie preferences', zh: '修改 Cookie 偏好' },
    kind: 'events',
    any: [events('Cookie Preferences Changed', 'Consent Preferences Updated', 'Tracking Permission Denied')],
    halfLifeDays: 30,
    afterDays: 75,
    weights: { privacy: 1.5 },
    evidence: { en: 'changed cookie preferences on {date}', zh: '于 {date} 修改 Cookie 偏好' },
  },
  {
    id: 'never_agreed',
    label: { en: 'Never agreed to marketing', zh: '从未同意接收营销信息' },
    kind: 'trait',
    trait: 'marketing_consent',
    is: false,
    weights: { privacy: 1 },
    evidence: { en: 'never agreed to marketing', zh: '从未同意接收营销信息' },
  },
  {
    id: 'moved',
    label: { en: 'Changed address', zh: '变更地址' },
    kind: 'events',
    any: [events('Address Changed', 'Country Changed')],
    halfLifeDays: 30,
    afterDays: 75,
    weights: { changed_need: 2.8 },
    evidence: { en: 'changed address on {date}', zh: '于 {date} 变更地址' },
  },
  {
    id: 'moved_abroad',
    label: { en: 'Moved to another country', zh: '移居其他国家或地区' },
    kind: 'events',
    any: [where(['Address Changed'], { kind: 'true', keys: ['abroad'] }), events('Country Changed')],
    halfLifeDays: 45,
    afterDays: 90,
    weights: { changed_need: 0.3 },
    evidence: { en: 'moved to another country on {date}', zh: '于 {date} 移居其他国家或地区' },
  },
  {
    id: 'life_cycle',
    label: { en: 'Bought for a need that ends by itself', zh: '购买阶段性需求的商品' },
    kind: 'events',
    any: [where(ORDER, { kind: 'product', words: LIFE_CYCLE })],
    halfLifeDays: 60,
    afterDays: 0,
    weights: { changed_need: 1.6, unknown: 1.5 },
    evidence: {
      en: '{count} [order|orders] for a need that ends by itself, [on|the last on] {date}',
      zh: '阶段性需求订单 {count} 笔，最近一笔在 {date}',
    },
  },
  {
    id: 'life_cycle_end',
    label: { en: 'Bought the last size of a series', zh: '购买系列最后一段的商品' },
    kind: 'events',
    any: [where(ORDER, { kind: 'product', words: LIFE_CYCLE, name: '(?:[Ss]ize|[Ss]tage|[Ss]tep) ?[5-9]|[5-9] ?段' })],
    halfLifeDays: 60,
    afterDays: 0,
    weights: { changed_need: 0.2, unknown: -2.5 },
    evidence: {
      en: '{count} [order|orders] of the last size in a series, [on|the last on] {date}',
      zh: '购买系列最后一段的订单 {count} 笔，最近一笔在 {date}',
    },
  },
  {
    id: 'not_due',
    label: { en: 'Not silent for long by her own rhythm', zh: '以其自身节奏衡量，沉默并不算久' },
    kind: 'state',
    state: 'not_due',
    weights: { unknown: 3.1 },
    evidence: { en: 'the silence is not long for her own rhythm', zh: '以其自身节奏衡量，沉默并不算久' },
  },
];
