// Imports a product file (CSV, TSV, JSON lines; any encoding the order importer reads) into the catalogue. Rows that make no sense are told
// with line and reason; an id named twice keeps its last row.
import { RekindleError } from '../../kernel/errors.ts';
import { objectOf } from '../../kernel/json.ts';
import type { Text } from '../../kernel/lang.ts';
import type { Events } from '../../stores/events/events.ts';
import { fileRecords } from '../imports/file-records.service.ts';
import { LINE_REASONS } from '../imports/line-reasons.ts';
import { closeFile, fileLines, openFile, type OpenedFile } from '../imports/open-file.service.ts';
import type { CatalogueItem } from './catalogue.ts';
import { importCatalogue } from './catalogue.sql.ts';
import { productMapping, productOf, type ProductMapping } from './product-file.ts';

const REJECTS_SHOWN = 100;
const ITEMS_MAX = 1_000_000;

export type ProductImport = {
  readonly mapping: ProductMapping;
  readonly imported: number;
  readonly rejected: number;
  /** The first hundred; lines count from 1. */
  readonly rejects: readonly { readonly line: number; readonly reason: Text }[];
};

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

type CellOf = (column: string) => string;

/** Rows with the line they end on, as a function from column to cell; undefined for a line that is no row. */
async function* rowsOf(file: OpenedFile): AsyncGenerator<{ line: number; cellOf: CellOf | undefined }> {
  if (file.format === 'json') {
    let line = 0;
    for await (const text of fileLines(file)) {
      line++;
      if (text.trim() === '') continue;
      let row: unknown;
      try {
        row = JSON.parse(text);
      } catch {
        row = undefined; // Told as a rejected line.
      }
      yield { line, cellOf: row === undefined ? undefined : (column) => textOf(objectOf(row)[column]) };
    }
    return;
  }
  const place = new Map(file.columns.map((column, i) => [column, i]));
  let isHeader = file.hasHeader;
  for await (const { line, cells } of fileRecords(file)) {
    if (isHeader) isHeader = false;
    else yield { line, cellOf: (column) => cells[place.get(column) ?? -1] ?? '' };
  }
}

/** Throws what opening a file throws, `columns_unclear` without an id column, `invalid` for a mapping that names no column. */
export async function importProductFile(
  events: Events,
  path: string,
  { map, now }: { readonly map?: string | undefined; readonly now: Date },
): Promise<ProductImport> {
  const file = await openFile(path);
  try {
    if (file.format === 'parquet')
      throw new RekindleError('file_unreadable', {
        path,
        what: { en: 'product files are CSV, TSV or JSON lines', zh: '商品文件须为 CSV、TSV 或 JSON Lines' },
      });
    const mapping = productMapping(file.columns, map);
    if (mapping.itemId === undefined) {
      const what = {
        en: `no column holds the product id. The columns are: ${file.columns.join(', ')}. Name it with --map itemId=…`,
        zh: `没有找到商品编号所在的列。现有列：${file.columns.join('、')}。可用 --map itemId=… 指定`,
      };
      throw new RekindleError('columns_unclear', { path, what });
    }
    const items = new Map<string, CatalogueItem>();
    const rejects: { line: number; reason: Text }[] = [];
    let rejected = 0;
    for await (const { line, cellOf } of rowsOf(file)) {
      const row = cellOf === undefined ? { reason: LINE_REASONS.not_json } : productOf(cellOf, mapping);
      if ('item' in row) items.set(row.item.itemId, row.item);
      else {
        rejected++;
        if (rejects.length < REJECTS_SHOWN) rejects.push({ line, reason: row.reason });
      }
      if (items.size > ITEMS_MAX)
        throw new RekindleError('too_large', { what: path, limit: { en: '1,000,000 products', zh: '100 万件商品' } });
    }
    const imported = await importCatalogue(events, [...items.values()], now);
    return { mapping, imported, rejected, rejects };
  } finally {
    closeFile(file);
  }
}
