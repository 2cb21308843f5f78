// The eight weeks after history, on demand: what people do unaided day by day, and how they meet what is sent to them. It keeps
// the log of contacts, because a contact may replace or cancel what a person would have done by herself later.
import type { Day } from '../../kernel/days.ts';
import { dayNumber, DAY_MS } from '../../kernel/days.ts';
import { type Contact, type Fate, fateOf } from './potential.ts';
import { indexOfPersonId, type Resident } from './people.ts';
import { type MessageLinks, type Reaction, reactionsTo } from './response.ts';
import type { ShopEvent } from './shop-event.ts';
import { entriesBetween, type Entry } from './timeline.ts';
import type { World } from './world.ts';

export type SmtpReply = { readonly code: 250 | 451 | 550 | 553; readonly text: string };

export type Future = {
  /** Records that the message arrived at `sentAt` and returns everything that follows from it, sorted by time. */
  readonly respond: (contact: Contact, links: MessageLinks) => readonly Reaction[];
  /** What happens on that day (UTC) without being asked; minus what contacts so far replaced or cancelled. Sorted. */
  readonly eventsOn: (day: Day) => readonly ShopEvent[];
  /** What the recipient's server says to RCPT TO. `attempt` counts from 1; greylisting lets the second attempt pass. */
  readonly smtpReply: (address: string, attempt: number) => SmtpReply;
  readonly contactsOf: (personId: string) => readonly Contact[];
};

export function openFuture(world: World): Future {
  const log = new Map<number, Contact[]>();
  const fates = new Map<number, Fate>();
  const days = organicDays(world);
  const mailboxes = new Map<string, Resident['mailbox']>();
  for (const { person, mailbox } of world.hidden.residents)
    if (person.email !== undefined) mailboxes.set(person.email.toLowerCase(), mailbox);

  const survives = ({ personIndex, happeningIndex }: Entry): boolean => {
    const fate = fates.get(personIndex);
    if (fate === undefined) return true;
    const happening = world.hidden.lives[personIndex]!.happenings[happeningIndex]!;
    if (happening.kind !== 'order') return true;
    if (fate.drivenAwayMs !== null && happening.atMs >= fate.drivenAwayMs) return false;
    return happening.atMs !== fate.replacedOrderMs;
  };

  return {
    respond: (contact, links) => {
      const index = indexOfPersonId(contact.personId);
      const resident = world.hidden.residents[index];
      if (resident === undefined) throw new RangeError(`nobody is called ${contact.personId}`);
      const contacts = log.get(index) ?? [];
      const last = contacts.at(-1);
      if (last !== undefined && last.sentAt > contact.sentAt)
        throw new RangeError('contacts of one person must come in order of time');
      contacts.push(contact);
      log.set(index, contacts);
      const draws = world.hidden.drawsOf(index);
      const fate = fateOf(
        world.hidden.subjectOf(index),
        draws,
        contacts,
        world.hidden.span.historyEndMs,
        world.hidden.span.endMs,
      );
      fates.set(index, fate);
      return reactionsTo(resident, world.catalogue, draws, fate, contacts.length - 1, links, world.hidden.span.endMs);
    },
    eventsOn: (day) => (days().get(dayNumber(day)) ?? []).filter(survives).map((entry) => entry.event),
    smtpReply: (address, attempt) => {
      switch (mailboxes.get(address.toLowerCase())) {
        case 'ok':
          return { code: 250, text: '2.1.5 Recipient OK' };
        case 'greylisted':
          return attempt > 1
            ? { code: 250, text: '2.1.5 Recipient OK' }
            : { code: 451, text: '4.7.1 Greylisted, please try again in a few minutes' };
        case 'malformed':
          return { code: 553, text: '5.1.3 Bad recipient address syntax' };
        case 'unknown':
        case 'none':
        case undefined:
          return { code: 550, text: '5.1.1 The email account that you tried to reach does not exist' };
      }
    },
    contactsOf: (personId) => log.get(indexOfPersonId(personId)) ?? [],
  };
}

/** Entries of the horizon by day number, made on first use. */
function organicDays(world: World): () => ReadonlyMap<number, readonly Entry[]> {
  let made: Map<number, Entry[]> | undefined;
  return () => {
    if (made !== undefined) return made;
    made = new Map();
    for (const entry of entriesBetween(
      world.hidden.lives,
      world.hidden.eventsOf,
      world.hidden.span.historyEndMs,
      world.hidden.span.endMs,
    )) {
      const day = Math.floor(entry.atMs / DAY_MS);
      const list = made.get(day);
      if (list === undefined) made.set(day, [entry]);
      else list.push(entry);
    }
    return made;
  };
}
