// One person's story on a screen, from who she is to whether she may be written to now. Sections without anything in them are left out. Pure.
import type { LeftOutMoney } from '../kernel/money-rules.ts';
import type { StoryContact, StoryMove, StoryReasons, StoryState } from '../prove/story/person-story.service.ts';
import type { EventTotal, Happening } from '../prove/story/timeline.sql.ts';
import { STAGES } from '../understand/dormancy/stage.ts';
import { REASON_LABELS, REASONS } from '../understand/reasons/causes.ts';
import type { PreferenceProfile } from '../understand/recommend/preferences.service.ts';
import type { RecommendedProduct } from '../understand/recommend/scoring.service.ts';
import { RFM_GROUPS } from '../understand/value/rfm.ts';
import { count, dayOf, instant, leftOutLines, messageState, money, percent, reasonText } from './figures.ts';
import { outcomeText } from './person-screen.ts';
import { productTable } from './recommend.command.ts';
import type { Session } from './session.ts';
import { renderTable } from './table.ts';
import type { Word } from './words.ts';

type Screen = Pick<Session, 'say' | 'lang' | 'paint'>;

/** As JSON carries it: instants are texts. */
export type StoryJson = {
  readonly personId: string;
  readonly identity: {
    readonly ids: readonly string[];
    readonly email: string | null;
    readonly phone: string | null;
    readonly firstName: string | null;
    readonly language: string | null;
    readonly country: string | null;
    readonly knownSince: string | null;
  };
  readonly states: readonly StoryState[];
  readonly stageChanges: readonly StoryMove[];
  readonly reasons: readonly StoryReasons[];
  readonly totals: readonly EventTotal[];
  readonly leftOut: LeftOutMoney | null;
  readonly events: readonly Happening[];
  readonly preferences: PreferenceProfile | null;
  readonly recommendations: readonly RecommendedProduct[];
  readonly contact: readonly (Omit<StoryContact, 'deferredUntil'> & { readonly deferredUntil: string | null })[];
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
    readonly channel: string;
    readonly variant: string;
    readonly state: string;
    readonly code: string | null;
    readonly sent_at: string | null;
    readonly due_at: string;
  }[];
  readonly grants: readonly {
    readonly offer_id: string;
    readonly code: string;
    readonly state: string;
    readonly reserved_at: string;
  }[];
  readonly decisions: readonly {
    readonly programme_id: string;
    readonly outcome: string;
    readonly codes: readonly string[];
    readonly decided_at: string;
  }[];
  readonly surveyAnswers: readonly {
    readonly survey_id: string;
    readonly answer: string;
    readonly free_text: string;
    readonly answered_at: string;
  }[];
};

const MOVES_SHOWN = 12;
const EVENTS_SHOWN = 8;
const ROWS_SHOWN = 10;
const LIKED_SHOWN = 3;

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');

function stateLines({ say, lang }: Screen, state: StoryState, currency: string): string {
  return [
    `${state.policyId}: ${say('silentFor', {
      stage: state.label[lang],
      since: state.stageSince,
      cause: state.causeLabel[lang],
      silent: state.silentDays,
      threshold: state.thresholdDays,
    })}`,
    `  ${say('spentOn', {
      days: state.activeDays,
      first: state.firstOn,
      last: state.lastOn,
      spent: money(state.spentCents, currency, lang),
    })} · ${RFM_GROUPS[state.rfmGroup][lang]}`,
    ...(state.scoreInWords === null ? [] : [`  ${state.scoreInWords[lang]}`]),
  ].join('\n');
}

function reasonLines({ say, lang }: Screen, reasons: StoryReasons): string {
  const others = REASONS.filter((reason) => reason !== reasons.reason)
    .toSorted((a, b) => reasons.probabilities[b] - reasons.probabilities[a])
    .slice(0, 2)
    .map((reason) => `${REASON_LABELS[reason][lang]} ${percent(reasons.probabilities[reason])}`);
  const evidence =
    reasons.evidence.length === 0 ? [say('storyNoEvidence')] : reasons.evidence.map(({ text }) => text[lang]);
  return [
    `${reasons.policyId}: ${say('storyReason', { reason: reasons.label[lang], chance: percent(reasons.probability) })}; ${others.join(', ')}`,
    ...evidence.map((each) => `  · ${each}`),
  ].join('\n');
}

function contactLine({ say, lang, paint }: Screen, contact: StoryJson['contact'][number]): string {
  const why = (list: StoryContact['refusals']): string =>
    list.map(({ text }) => text[lang]).join(lang === 'zh' ? '，' : ', ');
  const verdict =
    contact.refusals.length > 0
      ? paint.bad(say('storyNo', { why: why(contact.refusals) }))
      : contact.deferrals.length > 0
        ? paint.warn(
            say('storyLater', {
              at: contact.deferredUntil === null ? '?' : instant(contact.deferredUntil),
              why: why(contact.deferrals),
            }),
          )
        : paint.good(say('storyYes'));
  return `${contact.label[lang]}${lang === 'zh' ? '：' : ': '}${verdict}`;
}

function likes({ say, lang }: Screen, profile: PreferenceProfile): string {
  const named = [...profile.categories.slice(0, LIKED_SHOWN), ...profile.brands.slice(0, LIKED_SHOWN)].map(
    ({ name, share }) => `${name} ${percent(share)}`,
  );
  return [
    ...(named.length === 0 ? [] : [named.join(lang === 'zh' ? '、' : ', ')]),
    say('storyHour', { hour: profile.bestHour }),
  ].join('\n');
}

/** Rows of cells without titles. */
const rowsOf = (rows: readonly (readonly string[])[]): string =>
  renderTable(
    rows[0]!.map(() => ({ title: '' })),
    rows,
  ).replace(/^\n/, '');

export function storyScreen(screen: Screen, story: StoryJson, currency: string): string {
  const { say, lang, paint } = screen;
  const { identity } = story;
  const section = (word: Word, isThere: boolean, body: () => string): string[] =>
    isThere ? ['', paint.bold(say(word)), indented(body())] : [];
  const others = identity.ids.filter((id) => id !== story.personId);
  const who = [
    identity.firstName,
    identity.email,
    identity.phone,
    identity.country,
    identity.language,
    identity.knownSince === null ? null : say('storyKnown', { since: identity.knownSince }),
  ].filter(Boolean);
  const moves = story.stageChanges.slice(0, MOVES_SHOWN).toReversed();
  return [
    paint.bold([story.personId, ...who].join(' · ')),
    ...(others.length === 0 ? [] : [paint.dim(say('storyAlso', { ids: others.join(', ') }))]),
    ...section('storyStands', story.states.length > 0, () =>
      story.states.map((state) => stateLines(screen, state, currency)).join('\n'),
    ),
    ...section('storyPath', moves.length > 0, () =>
      rowsOf(
        moves.map((move) => [
          move.changedOn,
          move.policyId,
          move.from === ''
            ? say('storyArrived', { to: move.toLabel[lang], cause: move.causeLabel[lang] })
            : say('storyMove', {
                from: STAGES[move.from][lang],
                to: move.toLabel[lang],
                cause: move.causeLabel[lang],
              }),
        ]),
      ),
    ),
    ...section('storyReasons', story.reasons.length > 0, () =>
      story.reasons.map((reasons) => reasonLines(screen, reasons)).join('\n'),
    ),
    ...section('storyDid', story.totals.length > 0, () =>
      renderTable(
        [
          { title: say('columnWhat') },
          { title: say('columnTimes'), align: 'right' },
          { title: say('columnFirstOn') },
          { title: say('columnLastOn') },
          { title: say('columnAmount'), align: 'right' },
        ],
        story.totals
          .slice(0, ROWS_SHOWN)
          .map((total) => [
            total.name,
            count(total.times, lang),
            total.firstOn,
            total.lastOn,
            total.amountCents === 0 ? '' : money(total.amountCents, currency, lang),
          ]),
        paint.dim,
      ),
    ),
    ...leftOutLines(story.leftOut, lang, paint),
    ...section('storyLatest', story.events.length > 0, () =>
      rowsOf(
        story.events
          .slice(0, EVENTS_SHOWN)
          .map((event) => [
            instant(event.at),
            event.name,
            event.amountCents === 0 ? '' : money(event.amountCents, event.currency || currency, lang),
            event.products.slice(0, 2).join(', '),
          ]),
      ),
    ),
    ...section('storyLikes', story.preferences !== null, () => likes(screen, story.preferences!)),
    ...section('storyProducts', story.recommendations.length > 0, () =>
      productTable(screen, story.recommendations, currency),
    ),
    ...section('consentsHead', story.consents.length > 0, () =>
      rowsOf(
        story.consents.map((consent) => [
          dayOf(consent.decided_at),
          consent.channel,
          consent.purpose,
          say(consent.status),
          consent.basis,
        ]),
      ),
    ),
    ...section('suppressedHead', story.suppressions.length > 0, () =>
      rowsOf(story.suppressions.map((each) => [dayOf(each.created_at), each.channel, each.reason])),
    ),
    ...section('messagesHead', story.messages.length > 0, () =>
      rowsOf(
        story.messages
          .slice(-ROWS_SHOWN)
          .map((message) => [
            instant(message.sent_at ?? message.due_at),
            message.programme_id,
            message.channel,
            message.variant,
            messageState(message.state, lang),
            message.code === null ? '' : reasonText(message.code, lang),
          ]),
      ),
    ),
    ...section('storyGrants', story.grants.length > 0, () =>
      rowsOf(
        story.grants
          .slice(-ROWS_SHOWN)
          .map((grant) => [dayOf(grant.reserved_at), grant.offer_id, grant.code, grant.state]),
      ),
    ),
    ...section('storySurveys', story.surveyAnswers.length > 0, () =>
      rowsOf(story.surveyAnswers.map((each) => [dayOf(each.answered_at), each.survey_id, each.answer, each.free_text])),
    ),
    ...section('decisionsHead', story.decisions.length > 0, () =>
      rowsOf(
        story.decisions
          .slice(-ROWS_SHOWN)
          .map((decision) => [
            instant(decision.decided_at),
            decision.programme_id,
            outcomeText(decision.outcome, lang),
            decision.codes.map((code) => reasonText(code, lang)).join(', '),
          ]),
      ),
    ),
    ...section('storyContact', story.contact.length > 0, () =>
      story.contact.map((contact) => contactLine(screen, contact)).join('\n'),
    ),
  ].join('\n');
}
