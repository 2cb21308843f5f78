// Did a person open the mail? Mostly nobody can know: Apple and Gmail fetch images through their own servers, Apple often before
// anybody looks. An open is recorded with its class and decides nothing: no open ends dormancy, picks a winner or resets a sunset.
import { isbot } from 'isbot';
import { FASTEST_HUMAN_MS, type ActorClass } from './click-class.ts';

export type OpenSigns = {
  readonly method: string;
  readonly userAgent: string | undefined;
  readonly msSinceSent: number;
};

const OPEN_RULES = [
  { rule: 'not_a_view', class: 'bot', when: (signs) => signs.method.toUpperCase() !== 'GET' },
  { rule: 'no_agent', class: 'unknown', when: (signs) => !signs.userAgent?.trim() },
  // Apple Mail Privacy Protection and iCloud relays send this and nothing else.
  { rule: 'apple_privacy', class: 'proxy', when: (signs) => /^Mozilla\/5\.0\s*$/.test(signs.userAgent ?? '') },
  {
    rule: 'image_proxy',
    class: 'proxy',
    when: (signs) =>
      /GoogleImageProxy|ggpht\.com|YahooMailProxy|OutlookImageProxy|QQMail.*proxy/i.test(signs.userAgent ?? ''),
  },
  { rule: 'robot_agent', class: 'bot', when: (signs) => isbot(signs.userAgent) },
  { rule: 'before_sending', class: 'unknown', when: (signs) => !(signs.msSinceSent >= 0) },
  { rule: 'too_fast', class: 'bot', when: (signs) => signs.msSinceSent < FASTEST_HUMAN_MS },
  { rule: 'view', class: 'human', when: () => true },
] as const satisfies readonly { rule: string; class: ActorClass; when: (signs: OpenSigns) => boolean }[];

export type OpenRule = (typeof OPEN_RULES)[number]['rule'];

export function classifyOpen(signs: OpenSigns): { readonly class: ActorClass; readonly rule: OpenRule } {
  const found = OPEN_RULES.find((entry) => entry.when(signs))!;
  return { class: found.class, rule: found.rule };
}
