// From a file to typed lines: one statement reads, trims, converts and judges every row. The engine in process reads the file itself;
// a server is sent the same bytes. Everything after the reader is the same SQL.
import { ident, joined, p, sql, type Sql } from '../../kernel/sql.ts';
import type { OpenedFile } from './open-file.service.ts';
import { columnsOfTerm, type Field, type ImportKind, type Mapping, type Term } from './mapping.ts';
import { centsOf, dayOrderOf, idOf, numberOf, timeOf, wordOf } from './values.sql.ts';

export type Reading = {
  readonly kind: ImportKind;
  readonly mapping: Mapping;
  readonly timeZone: string;
  readonly now: Date;
  readonly decimalComma: boolean;
  /** Cells such as `01/12/2010` occur: both readings are kept until the whole column has spoken. */
  readonly isDayOrderOpen: boolean;
  readonly monthFirst: boolean;
};

/** Where rows come from: `file` in process, `upload` in a request's body, `sample` for the preview. */
export type Origin = 'file' | 'upload' | 'sample';

/** A backtick-quoted name; the engine's own escapes. */
const quoted = (name: string): Sql => ({
  kind: 'sql',
  chunks: [`\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``],
  slots: [],
});
const quotedText = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;

/** A text literal: `input` takes its structure only as one. */
const literal = (text: string): Sql => ({
  kind: 'sql',
  chunks: [`'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`],
  slots: [],
});

const cell = (i: number): Sql => ident(`c${i + 1}`);

const COMPRESSION = { none: sql`'none'`, gzip: sql`'gzip'` } as const;

export const CSV_SETTINGS = {
  ',': sql`format_csv_delimiter = ','`,
  '\t': sql`format_csv_delimiter = '\t', input_format_csv_allow_whitespace_or_tab_as_delimiter = 1`,
  ';': sql`format_csv_delimiter = ';'`,
  '|': sql`format_csv_delimiter = '|'`,
} as const;

export const readSettings = (file: OpenedFile, origin: Origin): Sql => sql`
  SETTINGS ${CSV_SETTINGS[file.delimiter]}, input_format_csv_allow_variable_number_of_columns = 1, input_format_csv_detect_header = 0,
    input_format_csv_trim_whitespaces = 0, input_format_null_as_default = 1, date_time_output_format = 'iso',
    schema_inference_make_columns_nullable = 0${origin === 'upload' ? sql`, max_threads = 1` : sql``}`;

/** Columns that the mapping reads; Parquet pays for each column asked for. */
export const columnsUsed = (mapping: Mapping): readonly string[] => [
  ...new Set(Object.values(mapping).flatMap(columnsOfTerm)),
];

/** A Parquet file's columns, each as text: as a table has them, and as `input` takes them. */
export const parquetCells = (names: readonly string[]): { readonly columns: Sql; readonly structure: Sql } => ({
  columns: joined(
    names.map((name) => sql`${quoted(name)} String`),
    ', ',
  ),
  structure: literal(names.map((name) => `${quotedText(name)} String`).join(', ')),
});

type Source = { readonly rows: Sql; readonly names: readonly string[]; readonly isRecord: Sql; readonly extra: Sql };

/** Subquery with `n` (records before this one, header included) and c1…cN as text. */
export function sourceOf(file: OpenedFile, mapping: Mapping, origin: Origin): Source {
  const path = p.text(file.readPath);
  const number = origin === 'file' ? sql`_row_number` : sql`rowNumberInAllBlocks()`;
  const from = (format: Sql, structure: string): Sql => {
    if (origin === 'file') return sql`file(${path}, ${format}, ${p.text(structure)}, ${COMPRESSION[file.compression]})`;
    if (origin === 'upload') return sql`input(${literal(structure)})`;
    const sample =
      file.format === 'json'
        ? file.sampleLines.map((line) => [line])
        : file.sample.map((row) => [
            ...file.columns.map((_, i) => row[i] ?? ''),
            ...(file.format === 'csv' ? [row[file.columns.length] ?? ''] : []),
          ]);
    const text = sample.slice(0, 5).map((row) => JSON.stringify(row));
    return sql`format(JSONCompactEachRow, ${p.text(structure)}, ${p.text(text.join('\n'))})`;
  };
  switch (file.format) {
    case 'csv': {
      const names = file.columns;
      const structure = [...names.map((_, i) => `c${i + 1} String`), 'extra String'].join(', ');
      const header = file.hasHeader && origin !== 'sample' ? sql`WHERE n > 0` : sql``;
      return {
        names,
        rows: sql`(SELECT * FROM (SELECT ${number} AS n, * FROM ${from(sql`'CSV'`, structure)}) ${header})`,
        isRecord: joined(
          names.map((_, i) => sql`${cell(i)} != ''`),
          ' OR ',
        ),
        extra: sql`extra`,
      };
    }
    case 'json': {
      const names = [...new Set([...file.columns, ...columnsUsed(mapping)])];
      const read = (name: string): Sql => {
        const keys = name.split('.').map((key) => sql`${p.text(key)}`);
        return sql`JSONExtract(line, ${joined(keys, ', ')}, 'String')`;
      };
      const cells = names.map((name, i) => sql`${read(name)} AS ${cell(i)}`);
      return {
        names,
        rows: sql`(SELECT n, line, ${joined(cells, ', ')} FROM (SELECT ${number} AS n, * FROM ${from(sql`'LineAsString'`, 'line String')}))`,
        isRecord: sql`trimBoth(line, ' \t\r') != ''`,
        extra: sql`if(isValidJSON(line), '', 'x')`,
      };
    }
    case 'parquet': {
      // Of a sample all cells are at hand; from the file only those that are wanted are read.
      const names = origin === 'sample' ? file.columns : columnsUsed(mapping);
      const structure = names.map((name) => `${quotedText(name)} String`).join(', ');
      const cells = names.map((name, i) => sql`${quoted(name)} AS ${cell(i)}`);
      const rows = origin === 'file' ? sql`file(${path}, 'Parquet', ${p.text(structure)})` : from(sql``, structure);
      return {
        names,
        rows: sql`(SELECT ${number} AS n, ${joined(cells, ', ')} FROM ${rows})`,
        isRecord: sql`1`,
        extra: sql`''`,
      };
    }
  }
}

const WORD_COLUMNS: Readonly<Partial<Record<Field, string>>> = {
  product: 'product',
  productName: 'product_name',
  category: 'category',
  brand: 'brand',
  order: 'order_id',
  currency: 'currency',
  messageId: 'message_id',
  email: 'email',
  phone: 'phone',
  firstName: 'first_name',
  country: 'country',
  language: 'language',
  consent: 'consent',
};
const ID_FIELDS: ReadonlySet<Field> = new Set(['product', 'order', 'messageId']);
const FEW_VALUES: ReadonlySet<Field> = new Set(['currency', 'category', 'brand', 'country', 'language', 'consent']);

type StagedColumn = { readonly name: string; readonly type: Sql; readonly value: Sql };

const CALLS = sql`('identify', 'track', 'page', 'screen', 'alias', 'group')`;

/** The kinds of status a shop writes, in both languages. */
const statusOf = (word: Sql): Sql => sql`multiIf(
  match(${word}, '(?i)refund|return|chargeback|退款|退货'), 'refunded',
  match(${word}, '(?i)cancel|void|closed|fail|取消|关闭|失败'), 'cancelled',
  match(${word}, '(?i)unpaid|pending|await|待付款|未付款|未支付|待支付'), 'unpaid', '')`;

/** Lines of a staging table: its columns, and the SELECT that fills it. */
export function stagedLines(
  file: OpenedFile,
  reading: Reading,
  origin: Origin,
): { readonly columns: Sql; readonly select: Sql; readonly has: (name: string) => boolean } {
  const { mapping, kind, timeZone, decimalComma } = reading;
  const source = sourceOf(file, mapping, origin);
  const rawOf = (name: string): Sql => {
    const i = source.names.indexOf(name);
    if (i < 0) throw new Error(`no column ${name}`);
    return cell(i);
  };
  const termWord = (term: Term): Sql =>
    term.kind === 'constant' ? sql`${p.text(term.text)}` : wordOf(rawOf(columnsOfTerm(term)[0]!));
  const words: Sql[] = [];
  const word = (field: Field): Sql | undefined => {
    const term = mapping[field];
    if (term === undefined) return undefined;
    const name = ident(`w_${field}`);
    words.push(sql`${termWord(term)} AS ${name}`);
    return name;
  };
  /** A product of columns becomes one nullable number, and one word that is empty when a factor is. */
  const numberField = (field: Field): { readonly value: Sql; readonly isMissing: Sql } | undefined => {
    const term = mapping[field];
    if (term === undefined) return undefined;
    const parts = (term.kind === 'product' ? term.columns : [undefined]).map((name, i) => {
      const alias = ident(`w_${field}_${i}`);
      words.push(sql`${name === undefined ? termWord(term) : wordOf(rawOf(name))} AS ${alias}`);
      return alias;
    });
    const value = parts
      .map((part) => numberOf(part, decimalComma))
      .reduce((left, right) => sql`(${left}) * (${right})`);
    return {
      value,
      isMissing: sql`(${joined(
        parts.map((part) => sql`${part} = ''`),
        ' OR ',
      )})`,
    };
  };

  const person = word('person');
  const anonymous = word('anonymous');
  const time = word('time') ?? sql`''`;
  const problems: Sql[] = [sql`extra_cell != ''`, file.format === 'json' ? sql`'not_json'` : sql`'too_many_columns'`];
  const staged: StagedColumn[] = [];
  const stage = (name: string, type: Sql, value: Sql): void => void staged.push({ name, type, value });

  const known =
    person === undefined ? sql`''` : mapping.email === mapping.person ? sql`lower(${idOf(person)})` : idOf(person);
  const who =
    anonymous === undefined
      ? known
      : sql`if(${known} = '' AND ${anonymous} != '', concat('anon:', ${anonymous}), ${known})`;
  stage('person', sql`String`, who);
  problems.push(sql`length(person) > 255`, sql`'id_too_long'`);
  if (person !== undefined) problems.push(sql`startsWith(${person}, 'anon:')`, sql`'bad_person'`);
  // Whose line it is comes first: lines of nobody are counted as such, whatever else is wrong with them.
  problems.push(sql`person = ''`, sql`''`);

  const at = timeOf(time, timeZone, reading.monthFirst);
  stage('at', sql`DateTime64(3, 'UTC')`, sql`ifNull(at_read, toDateTime64(0, 3, 'UTC'))`);
  const reads: Sql[] = [sql`${at} AS at_read`];
  if (reading.isDayOrderOpen) {
    reads.push(sql`${timeOf(time, timeZone, !reading.monthFirst)} AS other_at_read`);
    stage('other_at', sql`DateTime64(3, 'UTC')`, sql`ifNull(other_at_read, toDateTime64(0, 3, 'UTC'))`);
    stage('day_order', sql`Int8`, dayOrderOf(time));
  }
  problems.push(sql`${time} = ''`, sql`'no_time'`, sql`isNull(at_read)`, sql`'bad_time'`);
  problems.push(
    sql`at_read < toDateTime64('1971-01-01 00:00:00', 3, 'UTC') OR at_read > ${p.instant(new Date(reading.now.getTime() + 86_400_000))}`,
    sql`'time_out_of_range'`,
  );

  for (const [field, name] of [
    ['amount', 'amount'],
    ['unitPrice', 'price'],
    ['quantity', 'quantity'],
  ] as const) {
    const number = numberField(field);
    if (number === undefined) continue;
    reads.push(sql`${number.value} AS ${ident(`${name}_read`)}`);
    stage(name, sql`Float64`, sql`ifNull(${ident(`${name}_read`)}, 0)`);
    const isOptional = kind === 'events';
    if (!isOptional) problems.push(number.isMissing, sql`${p.text(`no_${name}`)}`);
    problems.push(
      isOptional
        ? sql`isNull(${ident(`${name}_read`)}) AND NOT ${number.isMissing}`
        : sql`isNull(${ident(`${name}_read`)}) OR abs(ifNull(${ident(`${name}_read`)}, 0)) > 1e12`,
      sql`${p.text(`bad_${name}`)}`,
    );
  }

  for (const [field, name] of Object.entries(WORD_COLUMNS) as [Field, string][]) {
    const value = word(field);
    if (value === undefined) continue;
    const type = FEW_VALUES.has(field) ? sql`LowCardinality(String)` : sql`String`;
    const clean = ID_FIELDS.has(field) ? idOf(value) : field === 'currency' ? sql`upper(${value})` : value;
    stage(name, type, clean);
    if (field === 'currency') {
      problems.push(sql`${value} != '' AND NOT match(${value}, '^[A-Za-z]{3}$')`, sql`'bad_currency'`);
    }
  }
  const status = word('status');
  if (status !== undefined && kind === 'orders') stage('status', sql`LowCardinality(String)`, statusOf(status));
  if (kind === 'events') stageEvent(reading, source, { word, stage, words, problems, reads, rawOf });

  const rawList = joined(
    source.names.map((_, i) => cell(i)),
    ', ',
  );
  stage('problem', sql`LowCardinality(String)`, sql`multiIf(${joined(problems, ', ')}, '')`);
  const raw = file.format === 'json' ? sql`[line]` : sql`[${rawList}]`;
  stage('raw', sql`Array(String)`, sql`if(problem != '', ${raw}, [])`);
  if (file.format === 'csv' && file.hasQuotes && origin !== 'sample')
    stage('line_ends', sql`UInt32`, sql`toUInt32(countSubstrings(concat(${rawList}), '\n'))`);

  const names = staged.map((each) => each.name);
  return {
    has: (name) => names.includes(name),
    columns: joined([sql`n UInt64`, ...staged.map((each) => sql`${ident(each.name)} ${each.type}`)], ', '),
    select: sql`SELECT n, ${joined(
      staged.map((each) => sql`${each.value} AS ${ident(each.name)}`),
      ', ',
    )}
      FROM (SELECT *, ${joined(reads, ', ')} FROM (SELECT *, ${source.extra} AS extra_cell, ${joined(words, ', ')} FROM ${source.rows}
        WHERE ${source.isRecord}))`,
  };
}

type Staging = {
  readonly word: (field: Field) => Sql | undefined;
  readonly stage: (name: string, type: Sql, value: Sql) => void;
  readonly words: Sql[];
  readonly problems: Sql[];
  readonly reads: Sql[];
  readonly rawOf: (name: string) => Sql;
};

/** What an event line has beyond an order line: its name, its properties, and the money inside them. */
function stageEvent(reading: Reading, source: Source, staging: Staging): void {
  const { mapping, decimalComma } = reading;
  const { word, stage, words, problems, reads } = staging;
  const name = word('event') ?? sql`''`;
  // A file of Segment calls has identify and page calls among its tracks: they are named as ingest names them.
  const type = source.names.includes('type') ? wordOf(staging.rawOf('type')) : undefined;
  stage(
    'name',
    sql`LowCardinality(String)`,
    type === undefined
      ? sql`substring(${name}, 1, 200)`
      : sql`if(${name} = '' AND ${type} IN ${CALLS}, ${type}, substring(${name}, 1, 200))`,
  );
  problems.push(sql`name = ''`, sql`'no_event_name'`);
  const properties = mapping.properties?.kind === 'column' ? staging.rawOf(mapping.properties.column) : undefined;
  if (properties === undefined) {
    const used = new Set(columnsUsed(mapping));
    const free = source.names.flatMap((each, i) => (used.has(each) ? [] : [sql`${p.text(each)}, ${cell(i)}`]));
    const all =
      free.length === 0 ? sql`'{}'` : sql`toJSONString(mapFilter((k, v) -> v != '', map(${joined(free, ', ')})))`;
    stage('properties', sql`String`, all);
    return;
  }
  stage('properties', sql`String`, sql`if(${properties} = '', '{}', ${properties})`);
  problems.push(sql`${properties} != '' AND NOT startsWith(trimLeft(${properties}), '{')`, sql`'bad_properties'`);
  const inside = (key: string): Sql => sql`JSONExtract(${properties}, ${p.text(key)}, 'String')`;
  if (mapping.amount === undefined) {
    // One word, then one number: over HTTP the statement travels in the address of the request, so it is kept short.
    const [revenue, total, value] = ['revenue', 'total', 'value'].map((key) => wordOf(inside(key)));
    words.push(sql`multiIf(${revenue!} != '', ${revenue!}, ${total!} != '', ${total!}, ${value!}) AS w_worth`);
    reads.push(sql`ifNull(${numberOf(sql`w_worth`, decimalComma)}, 0) AS amount_read`);
    stage('amount', sql`Float64`, sql`amount_read`);
  }
  if (mapping.currency === undefined) stage('currency', sql`LowCardinality(String)`, sql`upper(${inside('currency')})`);
  if (mapping.order === undefined) stage('order_id', sql`String`, inside('order_id'));
  const item = sql`'Array(Tuple(product_id String, sku String, name String, category String, brand String, quantity String, price String))'`;
  stage(
    'products',
    sql`Array(Tuple(product_id String, name String, category String, brand String, quantity Int32, price_cents Int64))`,
    sql`arrayMap(x -> (if(x.1 = '', x.2, x.1), x.3, x.4, x.5, toInt32(greatest(-1e9, least(1e9, ifNull(toFloat64OrNull(x.6), 1)))),
      ${centsOf(sql`ifNull(toFloat64OrNull(x.7), 0)`, sql`100`)}), JSONExtract(${properties}, 'products', ${item}))`,
  );
}
