// Column types that several tables share.
import type { ColumnType } from 'kysely';

export type Json<T> = ColumnType<T, string, string>;
export type Defaulted<T> = ColumnType<T, T | undefined, T>;
