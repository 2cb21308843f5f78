// A whole file of another tool's contacts, consents and opt-outs, in any encoding that order files may have. Guarantee: every opt-out of the
// file is in force before its first contact is made.
import { fileRecords } from '../../collect/imports/file-records.service.ts';
import { closeFile, openFile, type OpenedFile } from '../../collect/imports/open-file.service.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { ForeignFile, ForeignResult } from './import.service.ts';

const ROWS_PER_PART = 2_000;

async function* partsOf(file: OpenedFile): AsyncGenerator<Pick<ForeignFile, 'columns' | 'rows' | 'firstRow'>> {
  let columns: readonly string[] | undefined;
  let rows: (readonly string[])[] = [];
  let firstRow = 2;
  for await (const { cells } of fileRecords(file)) {
    if (columns === undefined) columns = cells;
    else rows.push(cells);
    if (columns !== undefined && rows.length === ROWS_PER_PART) {
      yield { columns, rows, firstRow };
      firstRow += rows.length;
      rows = [];
    }
  }
  if (columns !== undefined && rows.length > 0) yield { columns, rows, firstRow };
}

export type ConsentFileResult = ForeignResult & { readonly rejectedCount: number };

/**
 * Hands the file part by part to `importPart` (`importConsents`, here or behind the API) and adds up what it answers; of the rejects only the first
 * `rejectsKept` are kept. Throws what opening a file and `importPart` throw, and `file_unreadable` for a file that is no table.
 */
export async function importConsentFile(
  { path, source, rejectsKept }: { readonly path: string; readonly source: string; readonly rejectsKept: number },
  importPart: (part: ForeignFile) => Promise<ForeignResult>,
): Promise<ConsentFileResult> {
  const file = await openFile(path, { header: true });
  try {
    if (file.format !== 'csv')
      throw new RekindleError('file_unreadable', {
        path,
        what: { en: 'contact files are CSV or TSV', zh: '联系人文件须为 CSV 或 TSV' },
      });
    let columns: ForeignResult['columns'] = [];
    const sum = { suppressed: 0, granted: 0, created: 0, keptWithdrawn: 0, rejectedCount: 0 };
    const rejected: ForeignResult['rejected'][number][] = [];
    for (const phase of ['optOuts', 'all'] as const)
      for await (const part of partsOf(file)) {
        const done = await importPart({ ...part, source, phase });
        columns = done.columns;
        if (phase === 'optOuts') {
          sum.suppressed += done.suppressed;
          continue;
        }
        sum.granted += done.granted;
        sum.created += done.created;
        sum.keptWithdrawn += done.keptWithdrawn;
        sum.rejectedCount += done.rejected.length;
        rejected.push(...done.rejected.slice(0, rejectsKept - rejected.length));
      }
    return { columns, ...sum, rejected };
  } finally {
    closeFile(file);
  }
}
