// Why a person may or may not be contacted on a channel, on a screen. Her whole story is `story-screen.ts`. Pure.
import type { Lang, Text } from '../kernel/lang.ts';
import type { Subscription } from '../reach/arbiter/filled-templates.sql.ts';
import { REFUSABLE_CHANNELS } from '../reach/arbiter/rules.ts';
import { CHANNELS, isChannelKey } from '../reach/channels/channels.ts';
import type { PersonState } from '../understand/dormancy/states.sql.ts';
import { CAUSES, STAGES } from '../understand/dormancy/stage.ts';
import { RFM_GROUPS } from '../understand/value/rfm.ts';
import { instant, money, percent, reasonText } from './figures.ts';
import type { Paint } from './session.ts';
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

export type WhyJson = {
  readonly personId: string;
  /** A sentence for every channel. */
  readonly channels: readonly { readonly channel: string; readonly permitted: boolean; readonly sentence: Text }[];
  readonly subscriptions: readonly Subscription[];
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
  return [
    paint.bold(`${why.personId} · ${say('storyContact')}`),
    ...why.channels.map(({ permitted, sentence }) => `  ${(permitted ? paint.good : String)(sentence[lang])}`),
    ...why.subscriptions.map(
      ({ channel, providerTemplateId: template, templateIds, remaining: count }) =>
        `  ${say(count === 0 && REFUSABLE_CHANNELS.includes(channel) ? 'subscriptionRefused' : 'subscriptionLeft', {
          channel: isChannelKey(channel) ? CHANNELS[channel][lang] : channel,
          template,
          ours: templateIds.length === 0 ? '–' : templateIds.join(', '),
          count,
        })}`,
    ),
    '',
    paint.bold(say('storyStands')),
    stateLines(why.states, currency, lang),
    ...(why.decisions.length === 0 ? [] : ['', paint.bold(say('decisionsHead'))]),
    ...why.decisions.map(
      (decision) =>
        `  ${instant(decision.decidedAt)}  ${decision.programmeId}  ${outcomeText(decision.outcome, lang)}${decision.codes.length === 0 ? '' : `: ${reasons(decision.codes, lang)}`}`,
    ),
  ].join('\n');
}
