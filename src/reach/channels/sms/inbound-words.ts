// What did she mean by her answer? The words of each country as data; a word counts only when it is the whole message, whatever its width,
// case, spaces and end marks. Everything else is for a human: "when does it start?" is not START. Pure.
import type { Lang } from '../../../kernel/lang.ts';

export type InboundMeaning = 'stop' | 'start' | 'help' | 'free_text';

type Words = { readonly stop: readonly string[]; readonly start: readonly string[]; readonly help: readonly string[] };

/** 47 CFR 64.1200(a)(10) names its seven; the carriers' association adds the rest. */
const ENGLISH: Words = {
  stop: ['stop', 'quit', 'end', 'revoke', 'optout', 'cancel', 'unsubscribe', 'stopall', 'remove'],
  start: ['start', 'unstop', 'yes', 'subscribe'],
  help: ['help', 'info'],
};

/** What operators and senders of the mainland print under their texts; 0000 is China Telecom's. */
const CHINESE: Words = {
  stop: ['t', 'td', 'tdzd', 'r', 'n', '0000', '00000', '退订', '退訂', '退定', '拒收', '取消', '取消订阅', '停止'],
  start: ['kt', '开通', '订阅', '恢复', '恢复订阅'],
  help: ['bz', '帮助'],
};

const WORDS: Readonly<Record<string, Words>> = {
  US: ENGLISH,
  CA: {
    stop: [...ENGLISH.stop, 'arret', 'arreter', 'desabonner'],
    start: [...ENGLISH.start, 'commencer', 'oui'],
    help: [...ENGLISH.help, 'aide'],
  },
  GB: ENGLISH,
  CN: CHINESE,
  HK: {
    stop: [...CHINESE.stop, '取消訂閱'],
    start: [...CHINESE.start, '訂閱', '恢復'],
    help: [...CHINESE.help, '幫助'],
  },
  TW: {
    stop: [...CHINESE.stop, '取消訂閱'],
    start: [...CHINESE.start, '訂閱', '恢復'],
    help: [...CHINESE.help, '幫助'],
  },
  DE: {
    stop: [...ENGLISH.stop, 'stopp', 'abmelden', 'abbestellen'],
    start: [...ENGLISH.start, 'anmelden'],
    help: [...ENGLISH.help, 'hilfe'],
  },
  FR: {
    stop: [...ENGLISH.stop, 'arret', 'arreter', 'desabonner'],
    start: [...ENGLISH.start, 'oui'],
    help: [...ENGLISH.help, 'aide'],
  },
  ES: {
    stop: [...ENGLISH.stop, 'baja', 'alto', 'parar', 'cancelar'],
    start: [...ENGLISH.start, 'alta'],
    help: [...ENGLISH.help, 'ayuda'],
  },
};

/** Width, case, accents, spaces and marks at the ends do not make another word. */
const bare = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[\s\p{P}\p{S}\p{C}]+/gu, '');

/**
 * `country`: of the number, ISO 3166. A refusal is understood in every language we know, whatever the country: not to understand one costs
 * more than to obey a word too many. Coming back takes a word of the own country, or of English.
 */
export function inboundMeaning(text: string, country: string | undefined): InboundMeaning {
  const word = bare(text);
  if (word === '') return 'free_text';
  const isMainland = country === 'CN';
  const short = word.length === 1 && /[a-z]/.test(word);
  const stops = Object.entries(WORDS).some(
    // One letter is a word only where it is printed under the text.
    ([place, words]) => (!short || place === country || (isMainland && place === 'CN')) && words.stop.includes(word),
  );
  if (stops) return 'stop';
  const own = [ENGLISH, WORDS[country ?? ''] ?? ENGLISH];
  if (own.some((words) => words.start.includes(word))) return 'start';
  return own.some((words) => words.help.includes(word)) ? 'help' : 'free_text';
}

/** The one answer to a refusal: who, that it is done, and how to come back. Nothing that sells. */
export const confirmationText = (brand: string, lang: Lang): string =>
  lang === 'zh'
    ? `您已退订${brand}的营销短信，不会再收到。如需恢复，请回复“订阅”。`
    : `${brand}: you are unsubscribed and will get no more marketing texts. Reply START to resubscribe.`;
