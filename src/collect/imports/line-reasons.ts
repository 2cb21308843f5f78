// Why a line of a file did not become part of an order or event: left out, or rejected. One table for every screen.
import type { Text } from '../../kernel/lang.ts';

export const LINE_REASONS = {
  no_person: { en: 'no person', zh: '没有用户' },
  cancelled: { en: 'cancelled order', zh: '已取消的订单' },
  returned: { en: 'returned goods', zh: '退货' },
  unpaid: { en: 'not paid', zh: '未付款' },
  zero_quantity: { en: 'a quantity of zero', zh: '数量为零' },
  no_price: { en: 'no price', zh: '没有价格' },
  not_json: { en: 'not JSON', zh: '不是有效的 JSON' },
  too_many_columns: { en: 'too many columns', zh: '列数过多' },
  id_too_long: { en: 'the id is too long', zh: '编号过长' },
  bad_person: { en: 'not a person’s id', zh: '用户编号无效' },
  no_time: { en: 'no time', zh: '没有时间' },
  bad_time: { en: 'not a time', zh: '时间无法识别' },
  time_out_of_range: { en: 'a time that cannot be', zh: '时间超出合理范围' },
  no_amount: { en: 'no amount', zh: '没有金额' },
  bad_amount: { en: 'not an amount', zh: '金额无法识别' },
  no_quantity: { en: 'no quantity', zh: '没有数量' },
  bad_quantity: { en: 'not a quantity', zh: '数量无法识别' },
  bad_price: { en: 'not a price', zh: '价格无法识别' },
  bad_currency: { en: 'not a currency code', zh: '币种代码无效' },
  no_event_name: { en: 'no event name', zh: '没有事件名称' },
  bad_properties: { en: 'properties are not JSON', zh: '属性不是 JSON' },
} as const satisfies Record<string, Text>;

const REASONS: Readonly<Record<string, Text>> = LINE_REASONS;

/** In words; a code of no row of the table is told as it is. */
export const lineReason = (code: string): Text => REASONS[code] ?? { en: code, zh: code };
