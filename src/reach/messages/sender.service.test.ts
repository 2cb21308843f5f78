import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RecordsTransaction } from '../../stores/records/records.ts';
import { addPeople, consent, message } from '../../../test/support/rows.ts';
import { temporaryRecords, type TemporaryRecords } from '../../../test/support/records-store.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import type { HandOverGate, SendOutcome } from '../channels/channel.ts';
import { recordConsents } from '../consent/consent.service.ts';
import { changePreferences } from '../preferences/preferences.service.ts';
import { openJournal, type Journal, type OpenedJournal } from './journal.service.ts';
import { planMessages } from './ledger.sql.ts';
import { openSender, type Delivery, type Sender } from './sender.service.ts';

const NOW = new Date('2026-03-02T12:00:00.000Z');
const FREE: ReachRules = { caps: [], gapHours: 0, quiet: null, defaultTimeZone: 'UTC', globalControlBuckets: 0 };
const SENT: SendOutcome = { kind: 'sent', providerId: 'q1', response: '250 ok' };

/** A way out that says of each person's message what `answer` says. */
const delivery = (
  channel: string,
  answer: (personId: string, mayLeave: HandOverGate) => Promise<SendOutcome>,
): Delivery => ({
  channel,
  prepare: (messages) =>
    Promise.resolve(messages.map((each) => ({ message: each, send: (mayLeave) => answer(each.person_id, mayLeave) }))),
  close: () => Promise.resolve(),
});
const sentWhenAllowed = async (_personId: string, mayLeave: HandOverGate): Promise<SendOutcome> =>
  (await mayLeave()) ? SENT : { kind: 'unavailable', detail: 'stopped' };

describe('the sender', () => {
  let store: TemporaryRecords;
  let folder: string;
  let opened: OpenedJournal;
  beforeAll(async () => {
    store = await temporaryRecords('pglite');
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    await store.clear();
    folder = mkdtempSync(join(tmpdir(), 'rekindle-sender-'));
    opened = openJournal(join(folder, 'handovers.jsonl'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const plan = async (channel: string, count: number): Promise<void> => {
    const ids = Array.from({ length: count }, (_, i) => `${channel}${i}`);
    const { db } = store.records;
    await addPeople(
      db,
      ids.map((id) => ({ id })),
    );
    await recordConsents(
      db,
      ids.map((id) => consent(id, { channel })),
    );
    await planMessages(
      db,
      ids.map((id) => message(id, NOW, { channel })),
    );
  };
  const open = (deliveries: readonly Delivery[], journal: Journal = opened.journal, now = () => NOW): Sender =>
    openSender({ records: store.records, deliveries, rules: FREE, journal, worker: 'w', now });
  const states = async (): Promise<Record<string, number>> => {
    const rows = await store.records.db.selectFrom('messages').select(['channel', 'state']).execute();
    return Object.fromEntries(
      [...Map.groupBy(rows, (row) => `${row.channel} ${row.state}`)].map(([key, each]) => [key, each.length]),
    );
  };
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  it('lets one silent connection hold up nothing but its own message', async () => {
    await plan('email', 900);
    const silence = Promise.withResolvers<void>();
    const sender = open([
      delivery('email', async (personId, mayLeave) => {
        const outcome = await sentWhenAllowed(personId, mayLeave);
        if (personId === 'email0') await silence.promise;
        return outcome;
      }),
    ]);
    const round = sender.sendDue();
    await until(async () => (await states())['email sent'] === 899);
    expect((await states())['email sending']).toBe(1);
    silence.resolve();
    expect(await round).toMatchObject({ sent: 900, unknown: 0 });
    expect(await states()).toEqual({ 'email sent': 900 });
  });

  it('spends no try of a message on a server that was away or an account that stood still: six times "not now" end it, and nothing else', async () => {
    await plan('email', 1);
    const away: SendOutcome = { kind: 'unavailable', detail: 'connection refused' };
    const account: SendOutcome = { kind: 'rejected', class: 'account', permanent: false, code: '535', detail: 'no' };
    const notNow: SendOutcome = { kind: 'deferred', code: '451', detail: 'greylisted' };
    // A long night of the server, then a greylist that lets in at the second knock.
    const answers = [...Array.from({ length: 9 }, () => away), account, notNow];
    let at = NOW;
    let asked = 0;
    const way = delivery('email', (_personId, mayLeave) =>
      answers[asked] === undefined ? sentWhenAllowed('', mayLeave) : Promise.resolve(answers[asked++]!),
    );
    const sender = open([way], opened.journal, () => at);
    const row = () =>
      store.records.db
        .selectFrom('messages')
        .select(['state', 'attempts', 'deferrals', 'due_at', 'detail'])
        .executeTakeFirstOrThrow();
    const round = async (): Promise<void> => {
      await sender.sendDue();
      at = new Date(Math.max(at.getTime(), (await row()).due_at.getTime()));
    };
    for (const _answer of answers) await round();
    expect(await row()).toMatchObject({ state: 'planned', attempts: 11, deferrals: 1 });
    await round();
    expect(await row()).toMatchObject({ state: 'sent', attempts: 12 });
    // And where the other side goes on saying it.
    await store.clear();
    await plan('email', 1);
    answers.push(...Array.from({ length: 9 }, () => notNow));
    for (let time = 0; time < 5; time++) await round();
    expect(await row()).toMatchObject({ state: 'planned', deferrals: 5 });
    await round();
    expect(await row()).toMatchObject({ state: 'failed', deferrals: 6, detail: 'greylisted (after 6 attempts)' });
  });

  it('gives back what the store kept of a claim whose answer never came', async () => {
    await plan('email', 3);
    const { db } = store.records;
    let losesNext = true;
    const transaction = () => ({
      execute: async <T>(work: (tx: RecordsTransaction) => Promise<T>): Promise<T> => {
        const answer = await db.transaction().execute(work);
        if (!losesNext) return answer;
        losesNext = false;
        throw new Error('the line broke after the commit');
      },
    });
    const broken = new Proxy(db, {
      get: (target, name) => {
        const found: unknown = name === 'transaction' ? transaction : Reflect.get(target, name, target);
        return typeof found === 'function' ? (found.bind(target) as unknown) : found;
      },
    });
    const sender = openSender({
      records: { ...store.records, db: broken },
      deliveries: [delivery('email', sentWhenAllowed)],
      rules: FREE,
      journal: opened.journal,
      worker: 'w',
      now: () => NOW,
    });
    await expect(sender.sendDue()).rejects.toThrow('the line broke');
    expect(await states()).toEqual({ 'email sending': 3 });
    expect(await sender.sendDue()).toMatchObject({ sent: 3, unknown: 0 });
    expect(await states()).toEqual({ 'email sent': 3 });
  });

  it('gives every channel its turn while another is stuck', async () => {
    await plan('email', 3);
    await plan('sms', 3);
    const stuck = Promise.withResolvers<void>();
    const sender = open([
      delivery('email', async (personId, mayLeave) => {
        await stuck.promise;
        return sentWhenAllowed(personId, mayLeave);
      }),
      delivery('sms', sentWhenAllowed),
    ]);
    const round = sender.sendDue();
    await until(async () => (await states())['sms sent'] === 3);
    await plan('push', 1);
    await store.records.db.updateTable('messages').set({ channel: 'sms' }).where('channel', '=', 'push').execute();
    // And what becomes due meanwhile, in a round of its own: the arbiter finds no consent for it and says so.
    expect(await sender.sendDue(undefined, 'sms')).toMatchObject({ sent: 0, refused: 1 });
    stuck.resolve();
    expect(await round).toMatchObject({ sent: 6 });
  });

  it('gives the channels that work their turn when one throws, and tells of the one', async () => {
    await plan('email', 2);
    await plan('sms', 2);
    const broken: Delivery = {
      ...delivery('email', sentWhenAllowed),
      prepare: () => Promise.reject(new Error('no templates')),
    };
    await expect(open([broken, delivery('sms', sentWhenAllowed)]).sendDue()).rejects.toThrow('no templates');
    expect(await states()).toEqual({ 'email planned': 2, 'sms sent': 2 });
  });

  it('sends nothing that the journal could not take, and gives back what it has claimed', async () => {
    await plan('email', 600);
    let left = 0;
    const full: Journal = {
      ...opened.journal,
      handingOver: (claim) => {
        if (left >= 100) throw new Error('the disk is full');
        opened.journal.handingOver(claim);
        left++;
      },
    };
    // A way out that takes whatever keeps it from delivering for a fault of the other side.
    const careless = async (personId: string, mayLeave: HandOverGate): Promise<SendOutcome> => {
      try {
        return await sentWhenAllowed(personId, mayLeave);
      } catch {
        return { kind: 'unavailable', detail: 'the server must be down' };
      }
    };
    await expect(open([delivery('email', careless)], full).sendDue()).rejects.toThrow('the disk is full');
    expect(await states()).toEqual({ 'email planned': 500, 'email sent': 100 });
    // It is nobody's waiting for the other side.
    const rows = await store.records.db
      .selectFrom('messages')
      .select('due_at')
      .where('state', '=', 'planned')
      .where('due_at', '>', NOW)
      .execute();
    expect(rows).toEqual([]);
  });

  it('knows of a message whose answer went wrong inside the house only that it may have left', async () => {
    await plan('email', 1);
    const sender = open([
      delivery('email', async (_personId, mayLeave) => {
        await mayLeave();
        throw new Error('a fault of ours');
      }),
    ]);
    await expect(sender.sendDue()).rejects.toThrow('a fault of ours');
    expect(await states()).toEqual({ 'email unknown': 1 });
  });

  it('obeys what somebody says between the claim and the last byte: a break, no personalisation, an objection', async () => {
    await plan('email', 4);
    const { db } = store.records;
    const claimed = Promise.withResolvers<void>();
    const said = Promise.withResolvers<void>();
    const left: string[] = [];
    const sender = open([
      {
        channel: 'email',
        prepare: (messages) =>
          Promise.resolve(
            messages.map((each) => ({
              message: each,
              send: async (mayLeave: HandOverGate): Promise<SendOutcome> => {
                claimed.resolve();
                await said.promise;
                const outcome = await sentWhenAllowed(each.person_id, mayLeave);
                if (outcome.kind === 'sent')
                  left.push(`${each.person_id} ${each.wants_generic ? 'generic' : 'personal'}`);
                return outcome;
              },
            })),
          ),
        close: () => Promise.resolve(),
      },
    ]);
    const round = sender.sendDue();
    await claimed.promise;
    await until(async () => (await states())['email sending'] === 4);
    const by = { source: 'preference-centre', textVersion: 'v', proof: {} };
    await changePreferences(db, 'email1', { pauseDays: 30 }, by, NOW);
    await changePreferences(db, 'email2', { personal: false }, by, NOW);
    await changePreferences(db, 'email3', { pauseDays: 30 }, by, NOW);
    await changePreferences(db, 'email3', { objects: true }, by, NOW);
    // Older than what the sender may still believe.
    await new Promise((resolve) => setTimeout(resolve, 250));
    said.resolve();
    await round;
    // What was called back is due again: if not in this round, then in the next.
    await sender.sendDue();
    expect(left.toSorted()).toEqual(['email0 personal', 'email2 generic']);
    const rows = await db
      .selectFrom('messages')
      .select(['person_id', 'state', 'due_at'])
      .orderBy('person_id')
      .execute();
    expect(rows).toEqual([
      { person_id: 'email0', state: 'sent', due_at: NOW },
      // Good for less than thirty days: the break outlasts it.
      { person_id: 'email1', state: 'refused', due_at: NOW },
      { person_id: 'email2', state: 'sent', due_at: NOW },
      { person_id: 'email3', state: 'cancelled', due_at: NOW },
    ]);
  });

  it('gives back what has not left when it is told to stop', async () => {
    await plan('email', 500);
    const stopping = new AbortController();
    let sent = 0;
    const sender = open([
      delivery('email', async (personId, mayLeave) => {
        const outcome = await sentWhenAllowed(personId, mayLeave);
        if (outcome.kind === 'sent' && ++sent === 50) stopping.abort();
        return outcome;
      }),
    ]);
    await sender.sendDue(stopping.signal);
    const after = await states();
    expect(after['email sent']).toBe(sent);
    expect(after['email planned']).toBe(500 - sent);
    expect(sent).toBeLessThan(100);
  });
});
