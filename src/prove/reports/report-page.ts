// What every section of the report is given, and how a section is framed.
import type { Text } from '../../kernel/lang.ts';
import type { Analysis } from './analysis.ts';
import type { Formats } from './formats.ts';
import { markup, say, type Html } from './markup.ts';

export type Page = {
  readonly analysis: Analysis;
  /** A number as each language writes it. */
  readonly n: (write: (f: Formats) => string) => Text;
  readonly hasMoney: boolean;
  readonly hasModel: boolean;
};

/** Where there is no figure, and where a column needs no name. */
export const DASH: Text = { en: '–', zh: '–' };
export const UNNAMED: Text = { en: '', zh: '' };

export const section = (id: string, title: Text, inside: readonly Html[]): Html =>
  markup`<section aria-labelledby="${id}"><h2 id="${id}">${say(title)}</h2>${inside}</section>`;
