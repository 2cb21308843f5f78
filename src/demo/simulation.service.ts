// Eight weeks of a shop's life on a virtual clock, through the product's real doors: events over HTTP, mail over SMTP, links really followed.
// The simulated people know the truth about themselves; the engine sees only what they do.
import type { App } from '../app.ts';
import type { VirtualClock } from '../kernel/clock.ts';
import { addMs, DAY_MS, dayIn } from '../kernel/days.ts';
import { startMailSink, type MailSink, type SunkMail } from '../reach/channels/email/sink.ts';
import { postRaw } from '../reach/channels/email/post-raw.ts';
import { readToken } from '../reach/tracking/token.ts';
import { openMail, type DeliveredMail } from './post-office.ts';
import { DEMO_COUPON_PERCENT } from './shop-setup.service.ts';
import { feedbackReport } from './world/feedback-report.ts';
import type { Future } from './world/future.ts';
import type { Reaction } from './world/response.ts';
import type { ShopEvent } from './world/shop-event.ts';

/** Stays below the 500 KB a batch may have. */
const EVENTS_PER_POST = 800;
/** Sends that fall due within this time of each other go out together. */
const ROUND_MS = 10 * 60_000;
const NEWEST_KEPT = 200;
const OPENS_AT_ONCE = 32;

export type PostOffice = {
  readonly sink: MailSink;
  /** What has arrived since the last call. */
  readonly taken: () => { readonly raw: Buffer; readonly recipient: string }[];
  /** The newest mails, for the preview mailbox. */
  readonly newest: () => readonly SunkMail[];
  /** From now on mails are handed over instead of waiting for `taken`. */
  readonly onMail: (receive: (mail: SunkMail) => Promise<void>) => void;
};

/** The mail server of everybody's provider: greylists, refuses the unknown, keeps the rest for their owners. */
export async function openPostOffice(smtpReply: Future['smtpReply']): Promise<PostOffice> {
  const tries = new Map<string, number>();
  let waiting: { raw: Buffer; recipient: string }[] = [];
  const newest: SunkMail[] = [];
  let handOver: ((mail: SunkMail) => Promise<void>) | undefined;
  const sink = await startMailSink({
    refuse: (recipient) => {
      const attempt = (tries.get(recipient) ?? 0) + 1;
      tries.set(recipient, attempt);
      const reply = smtpReply(recipient, attempt);
      return reply.code === 250 ? undefined : { code: reply.code, text: reply.text };
    },
    onMail: async (mail) => {
      if (handOver !== undefined) return handOver(mail);
      waiting.push({ raw: mail.raw, recipient: mail.envelopeTo[0] ?? '' });
      newest.push(mail);
      if (newest.length > NEWEST_KEPT) newest.shift();
    },
  });
  return {
    sink,
    newest: () => newest,
    onMail: (receive) => {
      handOver = receive;
    },
    taken: () => {
      const mails = waiting;
      waiting = [];
      return mails;
    },
  };
}

export type SimulationCounts = {
  mailsDelivered: number;
  visits: number;
  eventsPosted: number;
  unsubscribes: number;
  complaints: number;
};

export type Simulation = {
  readonly app: App;
  readonly clock: VirtualClock;
  readonly future: Future;
  readonly office: PostOffice;
  readonly serverUrl: string;
  readonly writeKey: string;
  readonly onDay: (day: number, of: number) => void;
  /** People whom somebody else plays: they do nothing by themselves about what is sent to them. */
  readonly isPlayed?: (personId: string) => boolean;
};

type Due = {
  readonly at: Date;
  readonly reaction: Exclude<Reaction, { kind: 'event' }>;
  readonly raw: Buffer;
  readonly recipient: string;
};

/** Where a connection has idled, the server may hang up as the next request is written: it was not read, and goes again on a new one. */
const askOf = (url: string, init: RequestInit): Promise<Response> => fetch(url, init).catch(() => fetch(url, init));

const isOpen = (due: Due | undefined): boolean => due?.reaction.kind === 'open';

/** Lives through `days` days from the clock's time. */
export async function simulate(simulation: Simulation, days: number): Promise<SimulationCounts> {
  const { app, clock, future, office } = simulation;
  const counts: SimulationCounts = { mailsDelivered: 0, visits: 0, eventsPosted: 0, unsubscribes: 0, complaints: 0 };
  const visits: Due[] = [];
  const arrivals: { readonly at: Date; readonly event: ShopEvent }[] = [];
  const start = clock.now();
  const end = addMs(start, days * DAY_MS);
  let reached = start;

  const post = async (events: readonly ShopEvent[]): Promise<void> => {
    for (let at = 0; at < events.length; at += EVENTS_PER_POST) {
      const batch = events.slice(at, at + EVENTS_PER_POST);
      const response = await askOf(`${simulation.serverUrl}/v1/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${simulation.writeKey}` },
        body: JSON.stringify({ batch }),
      });
      if (!response.ok) throw new Error(`ingest answered ${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
      counts.eventsPosted += batch.length;
    }
  };

  const visit = async ({ reaction, raw, recipient }: Due): Promise<void> => {
    counts.visits++;
    if (reaction.kind === 'complaint') {
      counts.complaints++;
      const reportTo = `reports@${app.business.fromAddress.split('@')[1]}`;
      const report = feedbackReport({ original: raw.toString('latin1'), recipient, reportTo, at: reaction.at });
      if (app.reportsUrl !== undefined) await postRaw(app.reportsUrl, { from: '', to: reportTo, raw: report });
      return;
    }
    const isPost = reaction.kind === 'unsubscribe';
    if (isPost) counts.unsubscribes++;
    const response = await askOf(reaction.url, {
      method: isPost ? 'POST' : reaction.kind === 'click' ? reaction.method : 'GET',
      headers: {
        'user-agent': reaction.userAgent,
        ...(isPost ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      ...(isPost ? { body: reaction.how === 'one_click' ? 'List-Unsubscribe=One-Click' : 'from=page' } : {}),
      // The shop's own site is not part of the simulation; the redirect itself is what counts.
      redirect: 'manual',
    });
    await response.arrayBuffer();
    if (response.status >= 400) throw new Error(`${reaction.kind} ${reaction.url} answered ${response.status}`);
  };

  /** Everything that happens after `reached`, up to and with `until`. */
  const live = async (until: Date): Promise<void> => {
    visits.sort((a, b) => a.at.getTime() - b.at.getTime());
    while (visits[0] !== undefined && visits[0].at <= until) {
      const together = [visits.shift()!];
      // Programs that fetch pictures do not wait for each other.
      while (together.length < OPENS_AT_ONCE && isOpen(together[0]) && isOpen(visits[0]) && visits[0]!.at <= until) {
        together.push(visits.shift()!);
      }
      const { at } = together.at(-1)!;
      if (at > clock.now()) clock.moveTo(at);
      await Promise.all(together.map(visit));
    }
    const organic: ShopEvent[] = [];
    for (let at = reached; ; at = addMs(at, DAY_MS)) {
      organic.push(...future.eventsOn(dayIn(at, 'UTC')));
      if (dayIn(at, 'UTC') >= dayIn(until, 'UTC')) break;
    }
    const own = arrivals
      .filter((arrival) => arrival.at > reached && arrival.at <= until)
      .map((arrival) => arrival.event);
    const events = [...organic.filter((event) => event.timestamp > reached && event.timestamp <= until), ...own];
    clock.moveTo(until);
    await post(events.toSorted((a, b) => a.timestamp.getTime() - b.timestamp.getTime()));
    reached = until;
  };

  const receive = async (): Promise<void> => {
    const mails = office
      .taken()
      .map(({ raw, recipient }) => ({ raw, mail: openMail(raw, recipient, app.business.publicUrl) }));
    if (mails.length === 0) return;
    const ids = mails.map(({ mail }) => messageIdOf(app, mail));
    const rows = await app.records.db
      .selectFrom('messages')
      .select(['message_id', 'person_id', 'variant'])
      .where('message_id', 'in', ids)
      .execute();
    const byId = new Map(rows.map((row) => [row.message_id, row]));
    for (const [i, { raw, mail }] of mails.entries()) {
      const message = byId.get(ids[i]!)!;
      counts.mailsDelivered++;
      if (simulation.isPlayed?.(message.person_id) === true) continue;
      const { couponCode } = mail;
      const reactions = future.respond(
        {
          personId: message.person_id,
          channel: 'email',
          variant: message.variant,
          offer:
            couponCode === undefined ? null : { kind: 'coupon', percentOff: DEMO_COUPON_PERCENT, code: couponCode },
          sentAt: clock.now(),
        },
        mail.links,
      );
      for (const reaction of reactions) {
        if (reaction.kind === 'event') arrivals.push({ at: reaction.at, event: reaction.event });
        else visits.push({ at: reaction.at, reaction, raw, recipient: mail.recipient });
      }
    }
  };

  const nextWork = async (): Promise<Date> => {
    const midnight = addMs(new Date(`${dayIn(reached, 'UTC')}T00:00:00Z`), DAY_MS);
    const row = await app.records.db
      .selectFrom('messages')
      .select((eb) => eb.fn.min<Date | null>('due_at').as('due'))
      .where('state', '=', 'planned')
      .executeTakeFirst();
    const due = row?.due ?? midnight;
    const soonest = addMs(reached, ROUND_MS);
    const next = due < soonest ? soonest : due;
    return next < midnight ? next : midnight;
  };

  await app.tick();
  await receive();
  for (let at = await nextWork(); at <= end; at = await nextWork()) {
    await live(at);
    await app.tick();
    await receive();
    simulation.onDay(Math.floor((at.getTime() - start.getTime()) / DAY_MS), days);
  }
  return counts;
}

/** The message a mail is, by its one-click address. */
function messageIdOf(app: App, mail: DeliveredMail): string {
  const read = readToken(app.secrets.token, mail.links.oneClick?.split('/').at(-1) ?? '');
  if (!read.ok) throw new Error(`a mail to ${mail.recipient} has no unsubscribe address of ours`);
  return read.value.messageId;
}
