// A person on a screen: where she stands, what she agreed to, what was sent; and why she may or may not be contacted. Pure.
import type { Lang, Text } from '../kernel/lang.ts';
import type { PersonState } from '../understand/dormancy/states.sql.ts';
import { CAUSES, STAGES } from '../understand/dormancy/stage.ts';
import { RFM_GROUPS } from '../understand/value/rfm.ts';
import { dayOf, instant, messageState, money, percent, reasonText } from './figures.ts';
import type { Paint } from './session.ts';
import { renderTable } from './table.ts';
import { sayIn, type Word } from './words.ts';

const OUTCOMES: Readonly<Record<string, Word>> = {
  contact: 'outcomeContact',
  control: 'outcomeControl',
  refused: 'outcomeRefused',
  deferred: 'outcomeDeferred',
};
export const outcomeText = (outcome: string, lang: Lang): string => {
  const word = OUTCOMES[outcome];
  return word === undefined ? outcome : sayIn(lang)(word);
};

const reasons = (codes: readonly string[], lang: Lang): string =>
  codes.map((code) => reasonText(code, lang)).join(', ');

function stateLines(states: readonly PersonState[], currency: string, lang: Lang): string {
  const say = sayIn(lang);
  if (states.length === 0) return `  ${say('none')}`;
  return states
    .flatMap((state) => [
      `  ${state.policyId}: ${say('silentFor', {
        stage: STAGES[state.stage][lang],
        since: state.stageSince,
        cause: CAUSES[state.cause][lang],
        silent: state.silentDays,
        threshold: state.thresholdDays,
      })}`,
      `    ${say('spentOn', {
        days: state.activeDays,
        first: state.firstOn,
        last: state.lastOn,
        spent: money(state.spentCents, currency, lang),
      })} · ${RFM_GROUPS[state.rfmGroup][lang]}`,
      ...(state.returnProbability === null
        ? []
        : [
            `    ${say('chanceOf', {
              chance: percent(state.returnProbability),
              value: state.expectedValueCents === null ? '–' : money(state.expectedValueCents, currency, lang),
            })}`,
          ]),
    ])
    .join('\n');
}

export type PersonJson = {
  readonly personId: string;
  readonly person?: {
    readonly email: string | null;
    readonly phone: string | null;
    readonly first_name: string | null;
  };
  readonly states: readonly PersonState[];
  readonly consents: readonly {
    readonly channel: string;
    readonly purpose: string;
    readonly status: 'granted' | 'withdrawn';
    readonly basis: string;
    readonly decided_at: string;
  }[];
  readonly suppressions: readonly { readonly channel: string; readonly reason: string; readonly created_at: string }[];
  readonly messages: readonly {
    readonly programme_id: string;
    readonly state: string;
    readonly code: string | null;
    readonly sent_at: string | null;
    readonly due_at: string;
    readonly variant: string;
  }[];
  readonly decisions: readonly {
    readonly programme_id: string;
    readonly outcome: string;
    readonly codes: readonly string[];
    readonly decided_at: string;
  }[];
};

const SHOWN = 10;

export function personScreen(person: PersonJson, currency: string, lang: Lang, paint: Paint): string {
  const say = sayIn(lang);
  const contact = [person.person?.first_name, person.person?.email, person.person?.phone].filter(Boolean).join(' · ');
  const section = (word: Word, rows: readonly (readonly string[])[]): string[] =>
    rows.length === 0
      ? []
      : [
          '',
          paint.bold(say(word)),
          renderTable(
            rows[0]!.map(() => ({ title: '' })),
            rows.map((row) => row.map((cell, i) => (i === 0 ? `  ${cell}` : cell))),
          ).replace(/^\n/, ''),
        ];
  return [
    paint.bold(contact === '' ? person.personId : `${person.personId} · ${contact}`),
    stateLines(person.states, currency, lang),
    ...section(
      'consentsHead',
      person.consents.map((consent) => [
        dayOf(consent.decided_at),
        consent.channel,
        consent.purpose,
        say(consent.status),
        consent.basis,
      ]),
    ),
    ...section(
      'suppressedHead',
      person.suppressions.map((each) => [dayOf(each.created_at), each.channel, each.reason]),
    ),
    ...section(
      'messagesHead',
      person.messages
        .slice(-SHOWN)
        .map((message) => [
          instant(message.sent_at ?? message.due_at),
          message.programme_id,
          message.variant,
          messageState(message.state, lang),
          message.code === null ? '' : reasonText(message.code, lang),
        ]),
    ),
    ...section(
      'decisionsHead',
      person.decisions
        .slice(-SHOWN)
        .map((decision) => [
          instant(decision.decided_at),
          decision.programme_id,
          outcomeText(decision.outcome, lang),
          reasons(decision.codes, lang),
        ]),
    ),
  ].join('\n');
}

type Reason = { readonly code: string; readonly text: Text };
export type WhyJson = {
  readonly personId: string;
  readonly channel: string;
  readonly permitted: boolean;
  readonly refusals: readonly Reason[];
  readonly deferrals: readonly Reason[];
  readonly deferredUntil: string | null;
  readonly states: readonly PersonState[];
  readonly decisions: readonly {
    readonly programmeId: string;
    readonly decidedAt: string;
    readonly outcome: string;
    readonly codes: readonly string[];
  }[];
};

export function whyScreen(why: WhyJson, currency: string, lang: Lang, paint: Paint): string {
  const say = sayIn(lang);
  const slots = { person: why.personId, channel: why.channel };
  const head =
    why.refusals.length > 0
      ? paint.bad(say('mayNotContact', slots))
      : why.deferrals.length > 0
        ? paint.warn(say('mayLater', slots))
        : paint.good(say('mayContact', slots));
  return [
    head,
    ...[...why.refusals, ...why.deferrals].map((reason) => `  ${reason.text[lang]}`),
    ...(why.deferredUntil === null || why.refusals.length > 0
      ? []
      : [`  ${say('earliest', { at: instant(why.deferredUntil) })}`]),
    stateLines(why.states, currency, lang),
    ...(why.decisions.length === 0 ? [] : [paint.bold(say('decisionsHead'))]),
    ...why.decisions.map(
      (decision) =>
        `  ${instant(decision.decidedAt)}  ${decision.programmeId}  ${outcomeText(decision.outcome, lang)}${decision.codes.length === 0 ? '' : `: ${reasons(decision.codes, lang)}`}`,
    ),
  ].join('\n');
}
