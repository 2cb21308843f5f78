// What stands between a programme and its customers: what must be done before it may start, and what it may start with but nobody should overlook.
import type { unfinishedFields } from '../collect/business.service.ts';
import type { Text } from '../kernel/lang.ts';
import { channelsOf, type Programme } from '../decide/programmes/programme.ts';

export type StartCheck = {
  /** Fields of the profile without which no mail may leave the house. */
  readonly missing: StartFacts['unfinished'];
  /** The same, as long as mail only goes to the preview mailbox. */
  readonly unfinished: readonly string[];
  /** Channels whose messages reach nobody yet, because they go to the preview mailbox. */
  readonly previewed: readonly string[];
  /** Whom the rules keep its messages from, for want of a time zone. */
  readonly unreached: readonly Text[];
};

export type StartFacts = {
  readonly unfinished: ReturnType<typeof unfinishedFields>;
  readonly providers: Readonly<Record<string, string>>;
  readonly mailIsPreview: boolean;
  /** What catches mail on this machine may show links that lead to it. */
  readonly mailIsLocal: boolean;
  readonly warnings: readonly ({ readonly channel: string } & Text)[];
};

const channelsIn = ({ steps }: Programme): readonly string[] => [
  ...new Set(steps.flatMap((step) => (step.kind === 'message' ? channelsOf(step) : []))),
];

export const mails = (programme: Programme): boolean => channelsIn(programme).includes('email');

export function startCheck(programme: Programme, facts: StartFacts): StartCheck {
  const previewed = channelsIn(programme).filter((channel) =>
    channel === 'email' ? facts.mailIsPreview : facts.providers[channel] === 'sink',
  );
  const unreached = facts.warnings
    .filter(({ channel }) => channelsIn(programme).includes(channel))
    .map(({ en, zh }) => ({ en, zh }));
  // Other channels carry no sender of their own: the profile is what the law wants in a mail.
  if (!mails(programme)) return { missing: [], unfinished: [], previewed, unreached };
  if (facts.mailIsPreview) return { missing: [], unfinished: facts.unfinished, previewed, unreached };
  const missing = facts.unfinished.filter((field) => field !== 'publicUrl' || !facts.mailIsLocal);
  return { missing, unfinished: [], previewed, unreached };
}
