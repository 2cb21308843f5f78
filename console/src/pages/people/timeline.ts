// What happened to one person, merged by time: what she did, how her stage moved, what was sent to her and what was decided. Pure.
import type { PersonStory, StoryDecision, StoryMessage } from '../../../../src/http/contract/people.ts';

export const MOMENT_KINDS = ['event', 'stage', 'message', 'decision'] as const;
export type MomentKind = (typeof MOMENT_KINDS)[number];

export type Moment = {
  readonly key: string;
  /** An instant; a stage changes on a day. */
  readonly at: string;
  readonly isDay: boolean;
} & (
  | { readonly kind: 'event'; readonly event: PersonStory['events'][number] }
  | { readonly kind: 'stage'; readonly change: PersonStory['stageChanges'][number] }
  | { readonly kind: 'message'; readonly message: StoryMessage }
  | { readonly kind: 'decision'; readonly decision: StoryDecision }
);

/** When a message is told of: when it left, else when it ended, else when it is due. */
export const messageAt = (message: StoryMessage): string => message.sent_at ?? message.finished_at ?? message.due_at;

/** The latest first. A day stands after everything that happened on it. */
export function timelineOf(story: PersonStory): readonly Moment[] {
  const moments: Moment[] = [
    ...story.events.map((event, i): Moment => ({ key: `e${i}`, at: event.at, isDay: false, kind: 'event', event })),
    ...story.stageChanges.map((change, i): Moment => ({
      key: `s${i}`,
      at: change.changedOn,
      isDay: true,
      kind: 'stage',
      change,
    })),
    ...story.messages.map((message): Moment => ({
      key: `m${message.message_id}`,
      at: messageAt(message),
      isDay: false,
      kind: 'message',
      message,
    })),
    ...story.decisions.map((decision): Moment => ({
      key: `d${decision.decision_id}`,
      at: decision.decided_at,
      isDay: false,
      kind: 'decision',
      decision,
    })),
  ];
  const orderOf = (moment: Moment): number => new Date(moment.isDay ? `${moment.at}T23:59:59Z` : moment.at).getTime();
  return moments.toSorted((a, b) => orderOf(b) - orderOf(a) || (a.key < b.key ? -1 : 1));
}
