// The records of an opened file of separated text, one after the other, whatever it was written in.
import { recordReader } from './csv.ts';
import { fileLines, type OpenedFile } from './open-file.service.ts';

export type FileRecord = {
  /** The line the record ends on, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
};

const isFilled = (cells: readonly string[]): boolean => cells.some((cell) => cell.trim() !== '');

/** All but the blank ones; the header, where the file has one, comes first. */
export async function* fileRecords(file: OpenedFile): AsyncGenerator<FileRecord> {
  const reader = recordReader(file.delimiter);
  let line = 0;
  for await (const text of fileLines(file)) {
    line++;
    for (const cells of reader.push(line === 1 ? text.replace(/^\ufeff/, '') : text))
      if (isFilled(cells)) yield { line, cells };
  }
  for (const cells of reader.end()) if (isFilled(cells)) yield { line, cells };
}
