// The part of docs/segments.md that is made from the table of operators, between its two marks.
import { CONDITION_KINDS, CONDITIONS, entryOf } from '../../src/understand/segments/conditions.ts';
import { GROUPS, type GroupName } from '../../src/understand/segments/operator.ts';
import { explainSegment, parseSegment } from '../../src/understand/segments/segment.ts';

const START = '<!-- operators: written by `node test/support/write-segments-page.ts` -->';
const END = '<!-- end of operators -->';

const section = (kind: (typeof CONDITION_KINDS)[number]): string => {
  const { label } = entryOf(kind);
  const examples = CONDITIONS[kind].examples.map((example) => {
    const segment = parseSegment(example);
    return [
      '```json',
      JSON.stringify(example),
      '```',
      '',
      `- ${explainSegment(segment, 'en')}`,
      `- ${explainSegment(segment, 'zh')}`,
      '',
    ].join('\n');
  });
  return [`#### \`${kind}\` ${label.en} · ${label.zh}`, '', ...examples].join('\n');
};

const operators = (): string =>
  Object.keys(GROUPS)
    .map((name) => {
      const { en, zh } = GROUPS[name as GroupName];
      const kinds = CONDITION_KINDS.filter((kind) => entryOf(kind).group === name);
      return [`### ${en} · ${zh}`, '', ...kinds.map(section)].join('\n');
    })
    .join('\n');

/** The page with its operators as the table says they are. Throws where a mark is missing. */
export function withOperators(page: string): string {
  const [from, to] = [page.indexOf(START), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error('docs/segments.md has lost the marks around its operators');
  return `${page.slice(0, from + START.length)}\n\n${operators()}\n${page.slice(to)}`;
}
