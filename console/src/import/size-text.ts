// A size in bytes as people say it. Pure.
import type { Format } from '../format/format.ts';

const UNITS = ['bytes', 'kB', 'MB', 'GB'] as const;

/** 1,811,623 → 1.7 MB; powers of 1,024. */
export function sizeText(bytes: number, format: Pick<Format, 'decimal' | 'count'>): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1_024)));
  const size = bytes / 1_024 ** power;
  return `${Number.isInteger(size) ? format.count(size) : format.decimal(size, 1)} ${UNITS[power]}`;
}
