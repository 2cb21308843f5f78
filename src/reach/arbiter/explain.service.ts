// Why was she contacted, or not, and what would happen now on each channel? The arbiter's own answers in sentences, both languages.
import type { Lang, Text } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { CHANNELS, type ChannelKey } from '../channels/channels.ts';
import { judge, type Candidate } from './arbiter.sql.ts';
import { ARBITER_CODES, type ArbiterCode, type ReachRules } from './rules.ts';

export type ExplainedCode = { readonly code: ArbiterCode; readonly effect: 'refuse' | 'defer'; readonly text: Text };

export const explainCodes = (codes: readonly ArbiterCode[]): readonly ExplainedCode[] =>
  codes.map((code) => {
    const { effect, en, zh } = ARBITER_CODES[code];
    return { code, effect, text: { en, zh } };
  });

export type ChannelAnswer = {
  readonly channel: ChannelKey;
  readonly permitted: boolean;
  readonly refusals: readonly ExplainedCode[];
  readonly deferrals: readonly ExplainedCode[];
  readonly deferredUntil: Date | null;
  readonly sentence: Text;
};

/** On the clock of whoever asks, the business: `2026-05-10 17:00 Asia/Shanghai`. */
const minute = (at: Date, timeZone: string): string =>
  `${new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at)} ${timeZone}`;
const LIST: Readonly<Record<Lang, string>> = { en: '; ', zh: '；' };

function sentenceOf(lang: Lang, channel: ChannelKey, codes: readonly ExplainedCode[], until: string | null): string {
  const name = CHANNELS[channel][lang];
  const why = codes.map((each) => each.text[lang]).join(LIST[lang]);
  const isRefused = codes.some((each) => each.effect === 'refuse');
  if (lang === 'zh') {
    if (isRefused) return `${name}：不能联系。原因：${why}。`;
    return until === null ? `${name}：现在可以联系。` : `${name}：最早可于 ${until} 联系。原因：${why}。`;
  }
  if (isRefused) return `${name}: no (${why}).`;
  return until === null ? `${name}: yes, now.` : `${name}: not before ${until} (${why}).`;
}

/** Judges one person on many channels at once. `address_key` null: she has no address there. */
export async function explainContact(
  db: RecordsDb,
  who: Pick<Candidate, 'person_id' | 'purpose' | 'programme_id'>,
  addresses: ReadonlyMap<ChannelKey, string | null>,
  rules: ReachRules,
  now: Date,
): Promise<readonly ChannelAnswer[]> {
  const channels = [...addresses.keys()];
  const verdicts = await judge(
    db,
    channels.map((channel) => ({ ...who, key: channel, channel, address_key: addresses.get(channel) ?? null })),
    rules,
    now,
  );
  const byChannel = new Map(verdicts.map((verdict) => [verdict.key, verdict]));
  return channels.map((channel) => {
    const verdict = byChannel.get(channel)!;
    const refusals = explainCodes(verdict.refusals);
    const deferrals = explainCodes(verdict.defer_codes);
    const told = refusals.length > 0 ? refusals : deferrals;
    const until = verdict.deferred_until;
    const untilText = until === null ? null : minute(until, rules.defaultTimeZone);
    return {
      channel,
      permitted: refusals.length === 0 && deferrals.length === 0,
      refusals,
      deferrals,
      deferredUntil: until,
      sentence: { en: sentenceOf('en', channel, told, untilText), zh: sentenceOf('zh', channel, told, untilText) },
    };
  });
}
