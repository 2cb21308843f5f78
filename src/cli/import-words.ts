// What `rekindle import` says.
import type { Text } from '../kernel/lang.ts';

export const IMPORT_WORDS = {
  import: { en: 'Import orders or events from files', zh: '从文件导入订单或事件' },
  filesArgument: {
    en: 'CSV, TSV, JSON lines or Parquet, plain or gzipped',
    zh: 'CSV、TSV、JSON 行或 Parquet，可为 gzip 压缩',
  },
  mapOption: {
    en: 'say which column is what: person=CustomerID,amount=UnitPrice*Quantity',
    zh: '指定各列含义：person=客户编号,amount=单价*数量',
  },
  dayFirstOption: { en: 'read 01/12/2010 as 1 December', zh: '将 01/12/2010 视为 12 月 1 日' },
  monthFirstOption: { en: 'read 01/12/2010 as 12 January', zh: '将 01/12/2010 视为 1 月 12 日' },
  dryRunOption: { en: 'show what would be imported, import nothing', zh: '只显示将导入的内容，不导入' },
  rejectsOption: {
    en: 'folder for files of rejected lines (else the working folder)',
    zh: '拒绝行文件的存放目录（默认当前目录）',
  },
  planHead: { en: '{path}: {kind}, {columns} columns', zh: '{path}：{kind}，{columns} 列' },
  kindOrders: { en: 'orders', zh: '订单' },
  kindEvents: { en: 'events', zh: '事件' },
  columnMeaning: { en: 'Meaning', zh: '含义' },
  columnName: { en: 'Column', zh: '列' },
  columnWhy: { en: 'Why', zh: '依据' },
  setByYou: { en: 'set with --map', zh: '由 --map 指定' },
  notUsed: { en: 'Not used: {columns}', zh: '未使用：{columns}' },
  firstRows: { en: 'The first rows, as they are understood:', zh: '前几行的解读：' },
  asksImport: { en: 'Import like this?', zh: '按此导入？' },
  changeWithMap: {
    en: 'Nothing was imported. Change the meaning of columns with --map.',
    zh: '未导入任何数据。可用 --map 更改列的含义。',
  },
  dryRun: { en: 'Dry run: nothing was imported.', zh: '试运行：未导入任何数据。' },
  phaseReading: { en: 'reading', zh: '读取' },
  phaseChecking: { en: 'checking', zh: '检查' },
  phaseWriting: { en: 'writing', zh: '写入' },
  phasePeople: { en: 'people', zh: '用户' },
  phaseDone: { en: 'done', zh: '完成' },
  imported: {
    en: '{path}: {rows} lines read, {added} events added, {known} known before, {people} people, {rejected} lines rejected ({seconds} s)',
    zh: '{path}：读取 {rows} 行，新增 {added} 个事件，{known} 个此前已有，{people} 位用户，拒绝 {rejected} 行（{seconds} 秒）',
  },
  currencyAdopted: {
    en: '  The business’s currency is {currency} from now on: its first amounts are in it. Another: rekindle serve --currency …',
    zh: '  企业币种自此为 {currency}：首批金额使用该币种。如需更改：rekindle serve --currency …',
  },
  leftOut: { en: '  left out of the orders: {count} × {reason}', zh: '  未计入订单：{count} × {reason}' },
  rejectedFor: { en: '  rejected: {count} × {reason}', zh: '  拒绝：{count} × {reason}' },
  rejectsAt: { en: '  rejected lines with reasons: {path}', zh: '  拒绝行及原因：{path}' },
  dayOrderUnsure: {
    en: '  Dates like 01/02/2010 were read day first; nothing in the file proves it. Use --month-first if that is wrong (after erasing this import).',
    zh: '  形如 01/02/2010 的日期按“日在前”解读，文件中没有证据。如有误请改用 --month-first。',
  },
} as const satisfies Record<string, Text>;
