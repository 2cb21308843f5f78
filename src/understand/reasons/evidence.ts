// On what is the answer based? Stored sightings in words, the most telling first, each with the reason it speaks for.
import { dayText } from '../../kernel/days.ts';
import type { Lang, Text } from '../../kernel/lang.ts';
import { REASON_LABELS, REASONS, type Reason } from './causes.ts';
import { TABLE_MODEL } from './model.ts';
import { featureOf, type Weights } from './signal.ts';
import { SIGNALS } from './signals.ts';

/** `signal` is the table's id, or `survey` for her own words. `speaksFor` is null where it speaks for none in particular. */
export type Evidence = { readonly signal: string; readonly speaksFor: Reason | null; readonly text: Text };

type Stored = { readonly signal: string; readonly strength: number; readonly count: number; readonly lastOn: string };

const filled = (text: Text, lang: Lang, { count, lastOn }: Stored): string =>
  text[lang]
    .replaceAll(/\[([^|\]]*)\|([^\]]*)\]/g, (_, one: string, many: string) => (count === 1 ? one : many))
    .replaceAll('{count}', String(count))
    .replaceAll('{date}', lastOn === '' ? '' : dayText(lastOn, lang));

const strongest = (weights: Weights): Reason | null => {
  const [first] = REASONS.filter((reason) => (weights[reason] ?? 0) > 0).toSorted(
    (a, b) => (weights[b] ?? 0) - (weights[a] ?? 0),
  );
  return first ?? null;
};

/** `evidence` is the JSON that `insertReasons` wrote; a signal that is no longer in the table is left out. */
export function explainEvidence(row: {
  readonly reason: Reason;
  readonly evidence: string;
  readonly answer: Reason | '';
}): Evidence[] {
  const stored = JSON.parse(row.evidence) as readonly Stored[];
  const top = REASONS.indexOf(row.reason);
  const told = stored
    .flatMap((sighting) => {
      const at = SIGNALS.findIndex((signal) => signal.id === sighting.signal);
      const signal = SIGNALS[at];
      if (signal === undefined) return [];
      const weights = TABLE_MODEL.weights[at]!;
      const x = featureOf(sighting.strength);
      // What spoke for the answer comes first, then what spoke loudest for anything else.
      const pull = x * (weights[top]! > 0 ? 10 + weights[top]! : Math.max(...weights));
      const text = { en: filled(signal.evidence, 'en', sighting), zh: filled(signal.evidence, 'zh', sighting) };
      return [{ pull, evidence: { signal: signal.id, speaksFor: strongest(signal.weights), text } }];
    })
    .toSorted((a, b) => b.pull - a.pull)
    .map(({ evidence }) => evidence);
  if (row.answer === '') return told;
  const label = REASON_LABELS[row.answer];
  const own: Evidence = {
    signal: 'survey',
    speaksFor: row.answer,
    text: { en: `said so in a survey: ${label.en}`, zh: `本人在问卷中选择：${label.zh}` },
  };
  return [own, ...told];
}
