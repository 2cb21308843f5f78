// Which column means what? The closed list of fields, and the `--map person=CustomerID,amount=UnitPrice*Quantity` notation. Pure.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { issueText } from '../../kernel/issue.ts';
import type { Text } from '../../kernel/lang.ts';

export const FIELDS = {
  person: { en: 'person', zh: '用户' },
  anonymous: { en: 'anonymous id', zh: '匿名编号' },
  time: { en: 'time', zh: '时间' },
  order: { en: 'order', zh: '订单' },
  amount: { en: 'amount', zh: '金额' },
  unitPrice: { en: 'unit price', zh: '单价' },
  quantity: { en: 'quantity', zh: '数量' },
  currency: { en: 'currency', zh: '币种' },
  status: { en: 'status', zh: '状态' },
  product: { en: 'product', zh: '商品' },
  productName: { en: 'product name', zh: '商品名称' },
  category: { en: 'category', zh: '品类' },
  brand: { en: 'brand', zh: '品牌' },
  event: { en: 'event', zh: '事件' },
  messageId: { en: 'message id', zh: '消息编号' },
  properties: { en: 'properties', zh: '属性' },
  email: { en: 'e-mail', zh: '邮箱' },
  phone: { en: 'phone', zh: '手机号' },
  firstName: { en: 'first name', zh: '名字' },
  country: { en: 'country', zh: '国家' },
  language: { en: 'language', zh: '语言' },
  consent: { en: 'marketing consent', zh: '营销许可' },
} as const satisfies Record<string, Text>;

export type Field = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS) as readonly Field[];

/** A column, several columns multiplied, or a fixed text written in quotes. */
export const termSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('column'), column: z.string().min(1) }),
  z.strictObject({ kind: z.literal('product'), columns: z.array(z.string().min(1)).min(2).max(4) }),
  z.strictObject({ kind: z.literal('constant'), text: z.string().max(200) }),
]);
export const mappingSchema = z.partialRecord(z.enum(FIELD_NAMES as [Field, ...Field[]]), termSchema);
export type Term = z.infer<typeof termSchema>;
export type Mapping = Readonly<Partial<Record<Field, Term>>>;

export const column = (name: string): Term => ({ kind: 'column', column: name });

export const columnsOfTerm = (term: Term): readonly string[] =>
  term.kind === 'column' ? [term.column] : term.kind === 'product' ? term.columns : [];

export const showTerm = (term: Term): string =>
  term.kind === 'constant' ? `'${term.text}'` : columnsOfTerm(term).join('*');

const fieldOf = (written: string): Field | undefined => {
  const plain = written
    .trim()
    .replaceAll(/[-_\s]/g, '')
    .toLowerCase();
  return FIELD_NAMES.find((field) => field.toLowerCase() === plain);
};

const PRODUCT_FIELDS: ReadonlySet<Field> = new Set(['amount', 'unitPrice', 'quantity']);

const invalid = (en: string, zh: string): RekindleError =>
  new RekindleError('invalid', { where: '--map', what: { en, zh } });

/** Splits at commas that are not inside single quotes. */
const partsOf = (text: string): readonly string[] => text.match(/(?:[^,']|'[^']*')+/g) ?? [];

/**
 * Reads `field=column,field=column*column,field='text'`; `field=` alone says that the file has no such column.
 * Throws `invalid` for an unknown field and, listing the columns, for an unknown column.
 */
export function parseMapping(
  text: string,
  columns: readonly string[],
  allowsPaths = false,
): { readonly set: Mapping; readonly unset: readonly Field[] } {
  const set: Partial<Record<Field, Term>> = {};
  const unset: Field[] = [];
  const known = (written: string): string => {
    const name = written.trim();
    const found = columns.find((each) => each === name) ?? columns.find((each) => sameName(each, name));
    if (found !== undefined) return found;
    // JSON lines may hold more than the sample showed: a dotted path is taken as written when its head is a column.
    if (allowsPaths && columns.includes(name.split('.')[0] ?? '')) return name;
    throw invalid(
      `there is no column "${name}". The columns are: ${columns.join(', ')}`,
      `没有名为“${name}”的列。现有的列：${columns.join('、')}`,
    );
  };
  for (const part of partsOf(text)) {
    if (part.trim() === '') continue;
    const [, left = '', right = ''] = /^([^=]*)=?(.*)$/s.exec(part) ?? [];
    const field = fieldOf(left);
    if (field === undefined)
      throw invalid(
        `there is no field "${left.trim()}". The fields are: ${FIELD_NAMES.join(', ')}`,
        `没有字段“${left.trim()}”。可用字段：${FIELD_NAMES.join('、')}`,
      );
    const value = right.trim();
    const constant = /^'(.*)'$/s.exec(value)?.[1];
    const isWholeColumn = columns.includes(value);
    if (value === '') unset.push(field);
    else if (constant !== undefined) set[field] = { kind: 'constant', text: constant };
    else if (value.includes('*') && !isWholeColumn) {
      if (!PRODUCT_FIELDS.has(field))
        throw invalid(`${field} cannot be a product of columns`, `${field} 不能是几列的乘积`);
      set[field] = { kind: 'product', columns: value.split('*').map(known) };
    } else set[field] = column(known(value));
  }
  return { set, unset };
}

const sameName = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

/** Checks a mapping that came from elsewhere (a saved one, an API body) against a file's columns. */
export function checkMapping(mapping: Mapping, columns: readonly string[], allowsPaths = false): Mapping {
  const parsed = mappingSchema.safeParse(mapping);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error), issueText(parsed.error.issues[0]).zh);
  for (const term of Object.values(parsed.data)) {
    for (const name of columnsOfTerm(term)) {
      const isKnown = columns.includes(name) || (allowsPaths && columns.includes(name.split('.')[0] ?? ''));
      if (!isKnown)
        throw invalid(
          `there is no column "${name}". The columns are: ${columns.join(', ')}`,
          `没有名为“${name}”的列。现有的列：${columns.join('、')}`,
        );
    }
  }
  return parsed.data as Mapping;
}

export type ImportKind = 'orders' | 'events';

/** What a mapping can become: a file of events names them, a file of orders has money or order numbers. Undefined: neither. */
export function kindOf(mapping: Mapping): ImportKind | undefined {
  if (mapping.event !== undefined) return 'events';
  const isOrders = mapping.amount ?? mapping.unitPrice ?? mapping.order;
  return isOrders === undefined ? undefined : 'orders';
}
