// Did a person click, or a machine? Scanners open every link seconds after delivery; only `human` clicks may count. A table read
// from top to bottom, first match wins. Bots' clicks still redirect: being wrong about a person must cost her nothing.
import { isbot } from 'isbot';

export type ActorClass = 'human' | 'proxy' | 'bot' | 'unknown';

export type ClickSigns = {
  readonly method: string;
  readonly userAgent: string | undefined;
  /** Milliseconds between handing the mail over and this request. */
  readonly msSinceSent: number;
  /** Every tracked link of the message was requested within about a second. */
  readonly allLinksAtOnce: boolean;
  /** The link no person can see was requested for this message. */
  readonly honeypot: boolean;
  /** `Sec-Purpose`, `Purpose` or `X-Purpose` of the request. */
  readonly purpose?: string | undefined;
};

/** Published scanner delays are 1.5–2 s; the stricter end. */
export const FASTEST_HUMAN_MS = 2_000;

const CLICK_RULES = [
  { rule: 'honeypot', class: 'bot', when: (signs) => signs.honeypot },
  { rule: 'not_a_visit', class: 'bot', when: (signs) => signs.method.toUpperCase() !== 'GET' },
  { rule: 'no_agent', class: 'bot', when: (signs) => !signs.userAgent?.trim() },
  { rule: 'robot_agent', class: 'bot', when: (signs) => isbot(signs.userAgent) },
  { rule: 'prefetch', class: 'proxy', when: (signs) => /prefetch|preview|prerender/i.test(signs.purpose ?? '') },
  { rule: 'all_links', class: 'bot', when: (signs) => signs.allLinksAtOnce },
  { rule: 'before_sending', class: 'unknown', when: (signs) => !(signs.msSinceSent >= 0) },
  { rule: 'too_fast', class: 'bot', when: (signs) => signs.msSinceSent < FASTEST_HUMAN_MS },
  { rule: 'visit', class: 'human', when: () => true },
] as const satisfies readonly { rule: string; class: ActorClass; when: (signs: ClickSigns) => boolean }[];

export type ClickRule = (typeof CLICK_RULES)[number]['rule'];

export function classifyClick(signs: ClickSigns): { readonly class: ActorClass; readonly rule: ClickRule } {
  const found = CLICK_RULES.find((entry) => entry.when(signs))!;
  return { class: found.class, rule: found.rule };
}
