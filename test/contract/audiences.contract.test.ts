// The audience ledger on both stores, against a network that is a set and can misbehave: what is wanted is there after a sync, nobody else is, and
// nothing is forgotten however a call ends.
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deletePersonRows, anonymisePerson, stopEverything } from '../../src/collect/people/person-rows.sql.ts';
import { sha256Hex } from '../../src/kernel/hash.ts';
import { DEFAULT_REACH_RULES } from '../../src/reach/arbiter/rules.ts';
import {
  audienceInFull,
  closeAudience,
  createAudience,
  listAudiences,
  type AudienceContext,
} from '../../src/reach/audiences/audiences.service.ts';
import { audienceFile, identifierFile } from '../../src/reach/audiences/files.service.ts';
import { continueAudiences, syncAudience, syncAudiences } from '../../src/reach/audiences/sync.service.ts';
import { sharedBrake } from '../../src/reach/channels/shared-brake.sql.ts';
import { brakedNetwork } from '../../src/reach/audiences/braked-network.ts';
import { NETWORKS, type ApplyCall, type AudienceNetwork, type Fate } from '../../src/reach/audiences/network.ts';
import { tiktokAudiences } from '../../src/reach/audiences/networks/tiktok.ts';
import { parseConnection } from '../../src/reach/connections/connections.ts';
import type { SendOutcome } from '../../src/reach/channels/channel.ts';
import { closedChannels } from '../../src/reach/messages/pace.sql.ts';
import { closureNotes, type NoteClosure } from '../../src/reach/messages/closures.service.ts';
import { recordConsents, suppress } from '../../src/reach/consent/consent.service.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addPeople, consent } from '../support/rows.ts';
import { startFakeServer, type FakeServer } from './channel.contract.ts';

const START = new Date('2026-03-02T12:00:00.000Z').getTime();
const textOf = async (pages: AsyncIterable<string>): Promise<string> => {
  let text = '';
  for await (const page of pages) text += page;
  return text;
};
const emailOf = (id: string): string => `email:${sha256Hex(`${id}@example.com`)}`;

describe.each(RECORDS_KINDS)('audiences on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`the ledger${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    let nowMs = START;
    const now = (): Date => new Date(nowMs);
    const later = (hours: number): void => void (nowMs += hours * 3_600_000);
    let segment: string[] = [];
    let recovered: string[] = [];
    /** What the network holds, by its audience. */
    const held = new Map<string, Set<string>>();
    let calls: { action: string; rows: number }[] = [];
    /** How the next calls end; `applies` says whether the network did it all the same. */
    let endings: { outcome: SendOutcome; applies: boolean; refused?: string[] }[] = [];
    /** A network that says later what became of a call; the fates it tells, by the call's own id. */
    let isSlow = false;
    /** When the network answers. */
    let answers: Promise<void> = Promise.resolve();
    const fates = new Map<string, Fate>();
    let note: NoteClosure;
    let dying = false;
    let failed: string | undefined;
    const sent: SendOutcome = { kind: 'sent', providerId: 'x', response: 'ok' };

    const network: { -readonly [Key in keyof AudienceNetwork]: AudienceNetwork[Key] } = {
      create: (name) => {
        const remoteId = `remote-${name}`;
        held.set(remoteId, new Set());
        return Promise.resolve({ kind: 'created', remoteId });
      },
      apply: async ({ remoteId, action, rows }) => {
        calls.push({ action, rows: rows.length });
        const { outcome, applies, refused = [] } = endings.shift() ?? { outcome: sent, applies: true };
        const set = held.get(remoteId!)!;
        if (applies)
          for (const each of rows.flat()) {
            if (action === 'add' && !refused.includes(each)) set.add(each);
            if (action === 'remove') set.delete(each);
          }
        await answers;
        if (dying) throw new Error('killed');
        const providerId = `call-${calls.length}`;
        return isSlow && outcome.kind === 'sent'
          ? { outcome: { ...outcome, providerId }, refused, isOpen: true }
          : { outcome, refused, ...(failed === undefined ? {} : { failed }) };
      },
      fateOf: (providerId) => Promise.resolve(fates.get(providerId) ?? { kind: 'processing' }),
    };
    const context = (): AudienceContext => ({
      db: store.records.db,
      rules: { ...DEFAULT_REACH_RULES, globalControlBuckets: 100 },
      network: (key) => (key === 'meta' ? undefined : network),
      note,
      segmentPeople: async function* () {
        if (segment.length > 0) yield segment;
      },
      recovered: () => Promise.resolve(recovered),
      now,
    });
    const inNetwork = (name: string): string[] => [...(held.get(`remote-${name}`) ?? [])].toSorted();
    const hashes = (...ids: string[]): string[] => ids.map(emailOf).toSorted();
    const sync = (id: string) => syncAudience(context(), id);

    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());
    beforeEach(async () => {
      await store.clear();
      nowMs = START;
      [segment, recovered, calls, endings] = [[], [], [], []];
      answers = Promise.resolve();
      dying = false;
      isSlow = false;
      note = closureNotes(store.records.db);
      fates.clear();
      held.clear();
      await sql`INSERT INTO segments (segment_id, version, name, definition, created_at, active) VALUES
        ('quiet', 1, 'Quiet', '{}', ${now()}, true), ('loud', 1, 'Loud', '{}', ${now()}, true)`.execute(
        store.records.db,
      );
    });
    const people = async (ids: readonly string[], bucket = 9_999): Promise<void> => {
      await addPeople(
        store.records.db,
        ids.map((id) => ({ id, bucket })),
      );
      await recordConsents(
        store.records.db,
        ids.map((id) => consent(id, { channel: 'ads', purpose: 'ads_audience' })),
      );
      segment = [...segment, ...ids].toSorted();
    };
    const declare = (
      use: 'target' | 'exclude' = 'target',
      audienceId: string = use,
      source: { readonly kind: 'segment'; readonly id: string } = { kind: 'segment', id: 'quiet' },
    ) => createAudience(context(), { audienceId, network: 'tiktok', name: audienceId, source, use });
    const withdraw = (id: string) =>
      recordConsents(store.records.db, [
        consent(id, { channel: 'ads', purpose: 'ads_audience', status: 'withdrawn', decidedAt: now() }),
      ]);

    it('takes a device or an openid only of who agreed, also where nothing else is known of her', async () => {
      const { db } = store.records;
      await addPeople(db, [
        { id: 'ada', email: null },
        { id: 'bob', email: null },
        { id: 'cyd', email: null },
        { id: 'dan', email: null },
      ]);
      await recordConsents(
        db,
        ['ada', 'cyd', 'dan'].map((id) => consent(id, { channel: 'ads', purpose: 'ads_audience' })),
      );
      await sql`UPDATE people SET traits = jsonb_build_object('oaid', person_id || '-oaid') WHERE person_id IN ('ada', 'bob')`.execute(
        db,
      );
      await sql`INSERT INTO endpoints (endpoint_id, person_id, channel, provider, address, address_key, created_at, seen_at) VALUES
        ('e1', 'cyd', 'wechat_mini', 'wechat:wx1', 'o-cyd', 'k1', ${now()}, ${now()}),
        ('e2', 'cyd', 'wechat_mini', 'wechat:wx2', 'o-cyd-elsewhere', 'k2', ${now()}, ${now()})`.execute(db);
      segment = ['ada', 'bob', 'cyd', 'dan'];
      network.identifiers = ({ oaid, openids }) => [
        ...(oaid === undefined ? [] : [`oaid:${oaid}`]),
        ...(openids?.['wx1'] === undefined ? [] : [`openid:${openids['wx1']}`]),
      ];
      try {
        await declare();
        await sync('target');
        expect(inNetwork('target')).toEqual(['oaid:ada-oaid', 'openid:o-cyd']);
        const { reasons } = await audienceInFull(db, 'target');
        expect(reasons).toEqual([
          { reason: 'no_address', people: 1 },
          { reason: 'no_consent', people: 1 },
        ]);
        await withdraw('ada');
        later(1);
        await sync('target');
        expect(inNetwork('target')).toEqual(['openid:o-cyd']);
        // For an upload by hand: the openid of one app, and nothing of who did not agree.
        const file = await identifierFile(context(), 'target', 'openid', 'wx2');
        expect(await textOf(file)).toBe('o-cyd-elsewhere\n');
        expect(await textOf(await identifierFile(context(), 'target', 'phone', undefined))).toBe('');
        await expect(identifierFile(context(), 'nobody', 'phone', undefined)).rejects.toMatchObject({
          code: 'not_found',
        });
      } finally {
        delete network.identifiers;
      }
    });

    describe('where the network says later what became of a call', () => {
      const show = () => audienceInFull(store.records.db, 'target');
      beforeEach(async () => {
        isSlow = true;
        await people(['ada', 'bob']);
        await declare();
        await sync('target');
      });

      it('waits for its word, sends nothing twice meanwhile, and then knows', async () => {
        expect(await show()).toMatchObject({
          people: { in: 0, toAdd: 2 },
          batches: [{ outcome: 'sent', isOpen: true }],
        });
        later(1);
        await sync('target');
        expect(calls).toHaveLength(1);
        fates.set('call-1', { kind: 'done' });
        later(1);
        expect(await sync('target')).toMatchObject({ added: 0, audience: { trouble: null } });
        expect(calls).toHaveLength(1);
        expect(await show()).toMatchObject({
          people: { in: 2, toAdd: 0 },
          batches: [{ outcome: 'sent', isOpen: false }],
        });
      });

      it('records a failure that comes late, and does it again', async () => {
        fates.set('call-1', { kind: 'failed', code: 'DENIED_CONSENT', detail: '2 DENIED_CONSENT' });
        later(1);
        const failed = { code: 'DENIED_CONSENT', detail: '2 DENIED_CONSENT' };
        expect(await sync('target')).toMatchObject({ added: 0, audience: { trouble: failed } });
        expect(await show()).toMatchObject({
          people: { in: 0, toAdd: 2, refused: 2 },
          batches: [{ ...failed, outcome: 'rejected', isOpen: false }],
        });
        fates.set('call-2', { kind: 'done' });
        later(1);
        expect(await sync('target')).toMatchObject({ added: 2 });
        later(1);
        await sync('target');
        expect(await show()).toMatchObject({ people: { in: 2, toAdd: 0, refused: 0 } });
        expect(calls).toHaveLength(2);
      });

      it('tells how many of a call failed, where the network counts and does not name them', async () => {
        fates.set('call-1', { kind: 'done', failed: '1 INVALID_FORMAT' });
        later(1);
        const partial = { code: 'partial_success', detail: '1 INVALID_FORMAT' };
        expect(await sync('target')).toMatchObject({ audience: { trouble: partial } });
        expect(await show()).toMatchObject({ people: { in: 2 }, batches: [{ ...partial, outcome: 'sent' }] });
      });

      it('does once more what nothing was said of for two days', async () => {
        later(47);
        await sync('target');
        expect(calls).toHaveLength(1);
        later(1);
        expect(await sync('target')).toMatchObject({ audience: { trouble: { code: 'no_verdict' } } });
        later(1);
        expect(await sync('target')).toMatchObject({ added: 2 });
      });

      it('takes nobody for gone before it says so, and a failed removal is tried again', async () => {
        fates.set('call-1', { kind: 'done' });
        later(1);
        await withdraw('bob');
        expect(await sync('target')).toMatchObject({ removed: 1 });
        expect(await show()).toMatchObject({ people: { toRemove: 1 } });
        fates.set('call-2', { kind: 'failed', code: 'INTERNAL_ERROR', detail: '1 INTERNAL_ERROR' });
        later(1);
        await sync('target');
        expect(await show()).toMatchObject({ people: { toRemove: 1, refused: 1 } });
        fates.set('call-3', { kind: 'done' });
        later(1);
        expect(await sync('target')).toMatchObject({ removed: 1 });
        later(1);
        await sync('target');
        expect(await show()).toMatchObject({ people: { toRemove: 0, in: 1 } });
        expect(inNetwork('target')).toEqual(hashes('ada'));
      });
    });

    describe('an account that stands still', () => {
      const BAD_KEY: SendOutcome = {
        kind: 'rejected',
        class: 'account',
        permanent: false,
        code: '40105',
        detail: 'Access token is incorrect',
      };
      let braked: AudienceNetwork;
      const behind = (): AudienceContext => ({ ...context(), network: () => braked });
      const refusing = (outcome: SendOutcome, times = 100) =>
        Array.from({ length: times }, () => ({ outcome, applies: false }));
      const standing = async () => (await closedChannels(store.records.db, now())).get('connection:tiktok');
      const minutes = (n: number): void => later(n / 60);
      beforeEach(async () => {
        braked = brakedNetwork(network, { now });
        await people(['ada', 'bob', 'cyd']);
        for (const use of ['target', 'exclude'] as const) await declare(use);
        await sync('target');
        await sync('exclude');
        await withdraw('ada');
        await people(['dan']);
        calls = [];
        later(1);
      });

      it('is asked once while it is refused, keeps what is outstanding, tells of it, and does all of it when it is mended', async () => {
        endings = refusing(BAD_KEY);
        for (let hour = 0; hour < 6; hour++) {
          await syncAudiences(behind());
          // Asked by hand as well: it stands still all the same.
          const shown = await syncAudience(behind(), 'target');
          expect(shown.audience).toMatchObject({
            people: { wanted: 3, toAdd: 1, toRemove: 1 },
            trouble: { code: 'closed:40105', detail: 'Access token is incorrect' },
          });
          expect(await standing()).toMatchObject({ detail: '40105: Access token is incorrect' });
          later(1);
        }
        expect(calls).toHaveLength(6);
        const { rows } = await sql<{ most: number }>`SELECT max(attempts)::int AS most FROM audience_records`.execute(
          store.records.db,
        );
        expect(rows[0]!.most).toBe(0);
        endings = [];
        await syncAudiences(behind());
        expect(inNetwork('target')).toEqual(hashes('bob', 'cyd', 'dan'));
        expect(await standing()).toBeUndefined();
        expect((await listAudiences(store.records.db)).map(({ trouble }) => trouble)).toEqual([null, null]);
      });

      it('what one worker meets is heeded by all of the store, until one of them has it taken', async () => {
        const worker = (i: number, token = 'old') =>
          brakedNetwork(network, {
            now,
            shared: sharedBrake(store.workers[i]!.db, { account: 'tiktok', settings: { token }, now }),
          });
        const [first, second] = [worker(0), worker(1)];
        const through = (adapter: AudienceNetwork): AudienceContext => ({ ...context(), network: () => adapter });
        endings = refusing(BAD_KEY, 1);
        await syncAudience(through(first), 'target');
        expect(calls).toHaveLength(1);
        // The other has asked nothing yet, and asks nothing now.
        expect(await syncAudience(through(second), 'target')).toMatchObject({
          added: 0,
          audience: { people: { toAdd: 1, toRemove: 1 }, trouble: { code: 'closed:40105' } },
        });
        expect(calls).toHaveLength(1);
        expect(await standing()).toMatchObject({ detail: '40105: Access token is incorrect' });
        // With other settings it is another account, whoever asks. (Who was refused to be taken out waits her minute.)
        expect(await syncAudience(through(worker(2, 'new')), 'target')).toMatchObject({ added: 1, removed: 0 });
        expect(inNetwork('target')).toEqual(hashes('ada', 'bob', 'cyd', 'dan'));
        // A longer wait is not made shorter by who was told a shorter one in the same moment, and ends for all when one is taken.
        const slower = (retryAfterSeconds: number): SendOutcome => ({
          kind: 'deferred',
          of: 'account',
          code: 'http_429',
          detail: 'slow down',
          retryAfterSeconds,
        });
        const told = (i: number) =>
          sharedBrake(store.workers[i]!.db, { account: 'tiktok', settings: { token: 'old' }, now });
        minutes(2);
        await people(['eve']);
        endings = [{ outcome: slower(600), applies: false }];
        await syncAudience(through(first), 'target');
        await told(3).write({ until: new Date(nowMs + 60_000), code: 'http_429', detail: 'a shorter one' });
        expect(await told(1).read()).toEqual({
          until: new Date(nowMs + 600_000),
          code: 'http_429',
          detail: 'slow down',
        });
        minutes(9);
        const asked = calls.length;
        await syncAudience(through(second), 'target');
        expect(calls).toHaveLength(asked);
        // Somebody has it tried, by hand, before its time: the other need not wait.
        await told(3).write(undefined);
        expect(await syncAudience(through(second), 'target')).toMatchObject({ added: 1, removed: 0 });
        expect(inNetwork('target')).toEqual(hashes('ada', 'bob', 'cyd', 'dan', 'eve'));
        minutes(1);
        expect(await syncAudience(through(first), 'target')).toMatchObject({ removed: 1 });
        expect(inNetwork('target')).toEqual(hashes('bob', 'cyd', 'dan', 'eve'));
      });

      it('waits as long as it is told', async () => {
        endings = refusing({
          kind: 'deferred',
          of: 'account',
          code: 'http_429',
          detail: 'slow down',
          retryAfterSeconds: 5_400,
        });
        await syncAudiences(behind());
        minutes(89);
        endings = [];
        await syncAudiences(behind());
        expect(calls).toHaveLength(1);
        minutes(2);
        await syncAudiences(behind());
        expect(inNetwork('target')).toEqual(hashes('bob', 'cyd', 'dan'));
      });

      it('is left alone after three calls that nobody answered, and a single silent trial', async () => {
        endings = refusing({ kind: 'unknown', detail: 'no answer' });
        await syncAudiences(behind());
        await syncAudiences(behind());
        expect(calls.length).toBeLessThanOrEqual(3);
        later(24);
        calls = [];
        await syncAudiences(behind());
        expect(calls).toHaveLength(1);
        endings = [];
        later(24);
        await syncAudiences(behind());
        expect(inNetwork('target')).toEqual(hashes('bob', 'cyd', 'dan'));
      });

      it('makes no audience at a network that is closed, and is open again when it is connected anew', async () => {
        await declare('target', 'other', { kind: 'segment', id: 'loud' });
        endings = refusing(BAD_KEY, 1);
        await syncAudience(behind(), 'target');
        await syncAudience(behind(), 'other');
        expect(held.has('remote-other')).toBe(false);
        braked = brakedNetwork(network, { now });
        await syncAudience(behind(), 'other');
        expect(held.has('remote-other')).toBe(true);
      });
    });

    it('holds who agreed and nobody else; who withdraws, objects or is suppressed is out at the next sync', async () => {
      await people(['ada', 'bob', 'cyd', 'dan']);
      await addPeople(store.records.db, [{ id: 'eve' }, { id: 'fay', email: null }]);
      await recordConsents(store.records.db, [consent('fay', { channel: 'ads', purpose: 'ads_audience' })]);
      // Marketing by mail is no consent for advertising.
      await recordConsents(store.records.db, [consent('eve')]);
      segment = [...segment, 'eve', 'fay'];
      await declare();
      expect(await sync('target')).toMatchObject({ added: 4, removed: 0 });
      expect(inNetwork('target')).toEqual(hashes('ada', 'bob', 'cyd', 'dan'));
      const full = await audienceInFull(store.records.db, 'target');
      expect(full).toMatchObject({
        warnings: ['below_minimum'],
        minimum: 1_000,
        people: { wanted: 4, in: 4, toAdd: 0 },
      });
      expect(full.reasons).toEqual([
        { reason: 'no_address', people: 1 },
        { reason: 'no_consent', people: 1 },
      ]);
      later(1);
      await withdraw('ada');
      await suppress(
        store.records.db,
        [{ kind: 'address', key: 'key-bob@example.com', channel: '*', reason: 'x' }],
        now(),
      );
      await sql`INSERT INTO reach_profiles (person_id, objected_at, updated_at) VALUES ('cyd', ${now()}, ${now()})`.execute(
        store.records.db,
      );
      expect(await sync('target')).toMatchObject({ added: 0, removed: 3 });
      expect(inNetwork('target')).toEqual(hashes('dan'));
      later(1);
      calls = [];
      await sync('target');
      expect(calls).toEqual([]);
    });

    it('control groups are never reached; who comes back moves from the one to the other', async () => {
      await people(['ada', 'bob', 'cyd']);
      await people(['glo'], 5);
      await sql`INSERT INTO programmes (programme_id, version, name, definition, state, salt, created_at)
        VALUES ('win', 1, 'Win', '{}', 'running', 's', ${now()})`.execute(store.records.db);
      await sql`INSERT INTO programme_runs (run_id, programme_id, programme_version, run_on, started_at, considered)
        VALUES ('r', 'win', 1, '2026-03-02', ${now()}, 3)`.execute(store.records.db);
      await sql`INSERT INTO members (run_id, person_id, programme_id, arm, enrolled_at, state, step) VALUES
        ('r', 'ada', 'win', 'treated', ${now()}, 'active', 0), ('r', 'bob', 'win', 'control', ${now()}, 'active', 0),
        ('r', 'cyd', 'win', 'treated', ${now()}, 'active', 0)`.execute(store.records.db);
      const source = { kind: 'programme', id: 'win' } as const;
      await createAudience(context(), { audienceId: 'reach', network: 'tiktok', name: 'reach', source, use: 'target' });
      await createAudience(context(), {
        audienceId: 'spare',
        network: 'tiktok',
        name: 'spare',
        source,
        use: 'exclude',
      });
      await declare();
      for (const id of ['reach', 'spare', 'target']) await sync(id);
      expect(inNetwork('reach')).toEqual(hashes('ada', 'cyd'));
      expect(inNetwork('spare')).toEqual(hashes('bob', 'glo'));
      expect(inNetwork('target')).toEqual(hashes('ada', 'cyd'));
      later(1);
      await sql`UPDATE members SET state = 'exited', end_reason = 'returned', ended_at = ${now()} WHERE person_id = 'ada'`.execute(
        store.records.db,
      );
      for (const id of ['reach', 'spare', 'target']) await sync(id);
      expect(inNetwork('reach')).toEqual(hashes('cyd'));
      expect(inNetwork('spare')).toEqual(hashes('ada', 'bob', 'glo'));
      expect(inNetwork('target')).toEqual(hashes('cyd'));
      // A segment she has left because she has come back.
      await declare('exclude');
      segment = ['bob', 'glo'];
      recovered = ['cyd'];
      later(1);
      for (const id of ['target', 'exclude']) await sync(id);
      expect(inNetwork('target')).toEqual([]);
      expect(inNetwork('exclude')).toEqual(hashes('ada', 'bob', 'cyd', 'glo'));
    });

    it('whoever falls into a control group later is taken out, and comes back when that programme is over', async () => {
      const { db } = store.records;
      await people(['ada', 'bob']);
      // Bob's twin by phone number is in a control group: a shared number is one household.
      await addPeople(db, [{ id: 'twin', email: null }]);
      await sql`UPDATE people SET phone_key = 'k-home' WHERE person_id IN ('bob', 'twin')`.execute(db);
      await declare();
      await sync('target');
      await sql`INSERT INTO programmes (programme_id, version, name, definition, state, salt, created_at)
        VALUES ('late', 1, 'Late', '{}', 'running', 's', ${now()})`.execute(db);
      await sql`INSERT INTO programme_runs (run_id, programme_id, programme_version, run_on, started_at, considered)
        VALUES ('r', 'late', 1, '2026-03-02', ${now()}, 2)`.execute(db);
      await sql`INSERT INTO members (run_id, person_id, programme_id, arm, enrolled_at, state, step) VALUES
        ('r', 'ada', 'late', 'control', ${now()}, 'active', 0), ('r', 'twin', 'late', 'control', ${now()}, 'active', 0)`.execute(
        db,
      );
      later(1);
      expect(await sync('target')).toMatchObject({ removed: 2 });
      expect(inNetwork('target')).toEqual([]);
      expect((await audienceInFull(db, 'target')).reasons).toEqual([{ reason: 'programme_control', people: 2 }]);
      await sql`UPDATE programmes SET state = 'ended' WHERE programme_id = 'late'`.execute(db);
      later(1);
      expect(await sync('target')).toMatchObject({ added: 2 });
      expect(inNetwork('target')).toEqual(hashes('ada', 'bob'));
    });

    describe('a process that dies between the network’s acceptance and the ledger', () => {
      /** The call is made, the network does what it does, and nobody is there to hear it; its turn is not over. */
      const dies = async (applies: boolean): Promise<void> => {
        endings = [{ outcome: sent, applies }];
        dying = true;
        await expect(sync('target')).rejects.toThrow('killed');
        dying = false;
        await sql`UPDATE audiences SET busy_until = ${new Date(nowMs + 15 * 60_000)}`.execute(store.records.db);
        await expect(sync('target')).rejects.toMatchObject({ code: 'conflict' });
        later(0.25);
      };

      it.each([true, false])('while adding, whether it was done (%s) or not: it is done once more', async (applies) => {
        await people(['ada', 'bob', 'cyd']);
        await declare();
        await dies(applies);
        // She withdraws before anybody has looked: she is taken out, and never offered again.
        await withdraw('ada');
        await sync('target');
        expect(inNetwork('target')).toEqual(hashes('bob', 'cyd'));
        const { batches, people: counts } = await audienceInFull(store.records.db, 'target');
        expect(counts).toEqual({ wanted: 2, in: 2, toAdd: 0, toRemove: 0, refused: 0 });
        expect(batches.map(({ action, outcome }) => `${action} ${outcome}`).toSorted()).toEqual([
          'add sent',
          'add unknown',
          'remove sent',
        ]);
      });

      it.each([true, false])('while taking out, whether it was done (%s) or not: nobody stays in', async (applies) => {
        await people(['ada', 'bob']);
        await declare();
        await sync('target');
        later(1);
        await withdraw('ada');
        await dies(applies);
        expect((await audienceInFull(store.records.db, 'target')).people).toMatchObject({ toRemove: 1 });
        await sync('target');
        expect(inNetwork('target')).toEqual(hashes('bob'));
        // Who agrees again in the middle of it is wanted again.
        await recordConsents(store.records.db, [
          consent('ada', { channel: 'ads', purpose: 'ads_audience', decidedAt: now() }),
        ]);
        later(1);
        await sync('target');
        expect(inNetwork('target')).toEqual(hashes('ada', 'bob'));
      });
    });

    it('two workers: one syncs; one that was away longer than its turn does not disturb who has taken it over', async () => {
      await people(['ada', 'bob', 'cyd']);
      await declare();
      const holding = Promise.withResolvers<void>();
      answers = holding.promise;
      const on = (worker: number) =>
        syncAudience({ ...context(), db: store.workers[worker % store.workers.length]!.db }, 'target');
      const slow = on(0);
      await expect.poll(() => calls.length).toBe(1);
      const others = await Promise.allSettled([1, 2, 3].map(on));
      expect(others.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      // Its answer does not come for longer than a turn lasts, and meanwhile one of them withdraws.
      later(0.5);
      answers = Promise.resolve();
      await withdraw('ada');
      expect((await on(1)).audience.people).toMatchObject({ wanted: 2, in: 2, toAdd: 0, toRemove: 0 });
      const taken = Promise.withResolvers<void>();
      answers = taken.promise;
      await people(['dan']);
      const next = on(2);
      await expect.poll(() => calls.length).toBe(4);
      // The first call was in effect long ago; only its answer comes now.
      holding.resolve();
      await expect(slow).rejects.toMatchObject({ code: 'conflict' });
      await expect(on(3)).rejects.toMatchObject({ code: 'conflict' });
      taken.resolve();
      await next;
      expect(inNetwork('target')).toEqual(hashes('bob', 'cyd', 'dan'));
      expect((await audienceInFull(store.records.db, 'target')).people).toMatchObject({
        wanted: 3,
        in: 3,
        toRemove: 0,
      });
    });

    it('a removal that is refused is kept, said and tried again; additions go on', async () => {
      await people(['ada', 'bob']);
      await declare();
      await sync('target');
      later(1);
      await withdraw('ada');
      await people(['cyd']);
      const small: SendOutcome = {
        kind: 'rejected',
        class: 'content',
        permanent: false,
        code: '100',
        detail: 'too small',
      };
      endings = [{ outcome: small, applies: false }];
      const first = await sync('target');
      expect(first).toMatchObject({
        added: 1,
        removed: 0,
        audience: { trouble: { code: '100' }, people: { toRemove: 1 } },
      });
      expect(inNetwork('target')).toEqual(hashes('ada', 'bob', 'cyd'));
      later(1);
      expect(await sync('target')).toMatchObject({ removed: 1, audience: { trouble: null, people: { toRemove: 0 } } });
      expect(inNetwork('target')).toEqual(hashes('bob', 'cyd'));
      const { batches } = await audienceInFull(store.records.db, 'target');
      // Batches of one instant of a virtual clock have no order among them.
      expect(batches.map(({ action, outcome }) => `${action} ${outcome}`).toSorted()).toEqual([
        'add sent',
        'add sent',
        'remove rejected',
        'remove sent',
      ]);
    });

    it.each([true, false])(
      'silence is done once more, whether the network had done it (%s) or not',
      async (applies) => {
        await people(['ada', 'bob']);
        await declare();
        endings = [{ outcome: { kind: 'unknown', detail: 'no answer' }, applies }];
        expect(await sync('target')).toMatchObject({ added: 0, audience: { people: { wanted: 2, in: 0, toAdd: 2 } } });
        // She withdraws while nobody knows whether she is in it: she is taken out all the same.
        later(1);
        await withdraw('ada');
        await sync('target');
        expect(inNetwork('target')).toEqual(hashes('bob'));
        expect(calls.map(({ action }) => action)).toEqual(['add', 'remove', 'add']);
      },
    );

    describe('a network that breaks a large audience off in the middle', () => {
      type Trouble = FakeServer['trouble'];
      const SIZE = { usual: NETWORKS.tiktok.rowsMax, small: 4 } as const;
      const holding = new Set<string>();
      /** How often each identifier was named in a call that the network did. */
      const named = new Map<string, number>();
      let plan = new Map<number, Trouble>();
      let mappings = 0;
      let server: FakeServer;
      const ids = Array.from({ length: 10 }, (_, n) => `p${n}`);

      beforeEach(async () => {
        // Three calls for ten people.
        Object.assign(NETWORKS.tiktok, { rowsMax: SIZE.small });
        holding.clear();
        named.clear();
        plan = new Map();
        mappings = 0;
        const say = (data: object) => ({ status: 200, body: JSON.stringify({ code: 0, message: 'OK', data }) });
        server = await startFakeServer(
          ({ path, body }) => {
            if (path.endsWith('/segment/audience/')) return say({ audience_id: 'A1' });
            const { action, batch_data: rows } = JSON.parse(body) as {
              action: string;
              batch_data: { id?: string }[][];
            };
            const trouble = plan.get(++mappings);
            // Whoever says no has done nothing; whoever only says nothing has done it.
            if (typeof trouble !== 'object')
              for (const { id } of rows.flat()) {
                if (id === undefined) continue;
                named.set(id, (named.get(id) ?? 0) + 1);
                if (action === 'add') holding.add(id);
                else holding.delete(id);
              }
            server.trouble = plan.get(mappings + 1) ?? 'none';
            return say({});
          },
          ({ path }) => path.endsWith('/segment/mapping/'),
        );
        await people(ids);
        await declare();
      });
      afterEach(async () => {
        Object.assign(NETWORKS.tiktok, { rowsMax: SIZE.usual });
        await server.close();
      });

      const over = (timeoutMs: number): AudienceContext => {
        const settings = parseConnection('tiktok', {
          accessToken: 't',
          advertiserId: '7',
          baseUrl: server.url,
          timeoutMs,
        });
        const braked = brakedNetwork(tiktokAudiences(settings, now), { now });
        return { ...context(), network: () => braked };
      };
      const goesOnAt = async () => (await listAudiences(store.records.db, 'target'))[0]!.goesOnAt;
      /** Minute by minute, as the job does; returns after how many minutes nothing waited any more. */
      const untilDone = async (behind: AudienceContext): Promise<number> => {
        for (let minute = 0; minute < 59; minute++) {
          if ((await goesOnAt()) === null) return minute;
          later(1 / 60);
          await continueAudiences(behind);
        }
        return 59;
      };
      const plain = (identifiers: readonly string[]): string[] => identifiers.map((each) => each.slice(6)).toSorted();
      const counts = async () => (await listAudiences(store.records.db, 'target'))[0]!.people;

      it(
        '429: goes on by itself when the time it was told is over, and names nobody twice',
        { timeout: 60_000 },
        async () => {
          const slower: Trouble = { status: 429, headers: { 'retry-after': '150' }, body: '' };
          plan.set(2, slower);
          const behind = over(60_000);
          server.trouble = 'none';
          expect(await syncAudience(behind, 'target')).toMatchObject({
            added: SIZE.small,
            audience: { people: { in: SIZE.small, toAdd: 6 }, goesOnAt: new Date(nowMs + 150_000) },
          });
          // Before that nothing is asked, also by somebody who does not wait.
          later(2 / 60);
          await continueAudiences(behind);
          expect(mappings).toBe(2);
          // Who withdraws meanwhile is not added any more.
          await withdraw('p9');
          expect(await untilDone(behind)).toBe(1);
          expect([...holding].toSorted()).toEqual(plain(hashes(...ids.slice(0, 9))));
          expect(await counts()).toMatchObject({ wanted: 9, in: 9, toAdd: 0, toRemove: 0 });
          expect([...named.values()]).toEqual(Array.from({ length: 9 }, () => 1));
          // The way out is broken off as the way in was.
          for (const id of ids.slice(0, 8)) await withdraw(id);
          plan.set(mappings + 2, slower);
          server.trouble = 'none';
          later(1);
          expect(await syncAudience(behind, 'target')).toMatchObject({ removed: SIZE.small });
          await untilDone(behind);
          expect([...holding]).toEqual(plain(hashes('p8')));
          expect(await counts()).toMatchObject({ wanted: 1, in: 1, toAdd: 0, toRemove: 0 });
          expect([...named].filter(([, times]) => times > 2)).toEqual([]);
          expect(await goesOnAt()).toBeNull();
        },
      );

      it.each<readonly [string, Trouble, number]>([
        ['a 5xx', { status: 500, body: 'oops' }, 60_000],
        ['half an answer', 'half', 60_000],
        ['a line that trickles', 'trickle', 2_500],
        ['a line that is cut', 'hang-up', 60_000],
      ])(
        '%s: what may have been done is done again, and nobody is lost either way',
        async (_, trouble, timeoutMs) => {
          const behind = over(timeoutMs);
          plan.set(2, trouble);
          await syncAudience(behind, 'target');
          expect(await goesOnAt()).not.toBeNull();
          expect(await untilDone(behind)).toBeLessThan(59);
          expect([...holding].toSorted()).toEqual(plain(hashes(...ids)));
          expect(await counts()).toMatchObject({ wanted: 10, in: 10, toAdd: 0 });
          for (const id of ids.slice(0, 8)) await withdraw(id);
          plan.set(mappings + 2, trouble);
          server.trouble = 'none';
          later(1);
          await syncAudience(behind, 'target');
          expect(await untilDone(behind)).toBeLessThan(59);
          expect([...holding].toSorted()).toEqual(plain(hashes('p8', 'p9')));
          expect(await counts()).toMatchObject({ wanted: 2, in: 2, toRemove: 0 });
        },
        60_000,
      );

      it('a refused account is not asked every minute, and two who go on at once do not disturb each other', async () => {
        plan.set(2, { status: 401, body: '' });
        const behind = over(60_000);
        await syncAudience(behind, 'target');
        expect(await goesOnAt()).toBeNull();
        plan.set(mappings + 1, { status: 429, headers: { 'retry-after': '1' }, body: '' });
        server.trouble = plan.get(mappings + 1)!;
        later(1);
        await syncAudience(behind, 'target');
        later(1 / 60);
        await Promise.all([continueAudiences(behind), continueAudiences(behind)]);
        await untilDone(behind);
        expect([...holding].toSorted()).toEqual(plain(hashes(...ids)));
        expect([...named.values()]).toEqual(ids.map(() => 1));
      }, 60_000);
    });

    it('tells a network whose audience begins with its first people which calls may have made it', async () => {
      await people(['ada', 'bob']);
      const told: (ApplyCall['unanswered'] | 'none')[] = [];
      let outcome: SendOutcome = { kind: 'unknown', detail: 'no answer' };
      const maker: AudienceNetwork = {
        identifiers: ({ personId }) => [`phone:${sha256Hex(personId)}`],
        apply: (call) => {
          told.push('unanswered' in call ? call.unanswered : 'none');
          return Promise.resolve({ outcome, ...(outcome.kind === 'sent' ? { remoteId: 'made' } : {}) });
        },
      };
      const making: AudienceContext = { ...context(), network: () => maker };
      await createAudience(making, {
        audienceId: 'target',
        network: 'oceanengine',
        name: 'target',
        source: { kind: 'segment', id: 'quiet' },
        use: 'target',
      });
      await syncAudience(making, 'target');
      const { batches } = await audienceInFull(store.records.db, 'target');
      const batchIds = batches.map(({ batchId }) => batchId);
      later(23);
      outcome = { kind: 'unavailable', detail: 'no connection' };
      await syncAudience(making, 'target');
      later(25);
      outcome = sent;
      await syncAudience(making, 'target');
      await people(['cyd']);
      later(1);
      await syncAudience(making, 'target');
      expect(told).toEqual([
        { batchIds: [], isRecent: false },
        { batchIds, isRecent: true },
        { batchIds, isRecent: false },
        'none',
      ]);
      expect((await listAudiences(store.records.db, 'target'))[0]).toMatchObject({
        remoteId: 'made',
        people: { in: 3 },
      });
    });

    it('what certainly did not happen leaves no trace: nobody is taken out who never was in', async () => {
      await people(['ada']);
      await declare();
      endings = [{ outcome: { kind: 'unavailable', detail: 'no connection' }, applies: false }];
      await sync('target');
      later(1);
      await withdraw('ada');
      await sync('target');
      expect(calls.map(({ action }) => action)).toEqual(['add']);
    });

    it('keeps what the network calls useless apart, and offers it a month later', async () => {
      await people(['ada', 'bob']);
      await declare();
      endings = [{ outcome: sent, applies: true, refused: [emailOf('ada')] }];
      expect(await sync('target')).toMatchObject({ audience: { people: { in: 1, toAdd: 1, refused: 1 } } });
      later(24);
      await sync('target');
      expect(calls).toHaveLength(1);
      later(30 * 24);
      await sync('target');
      expect(inNetwork('target')).toEqual(hashes('ada', 'bob'));
    });

    it('names whoever stays in again where a membership ends by itself, and says what could not be used', async () => {
      await people(['ada', 'bob']);
      await createAudience(context(), {
        audienceId: 'goog',
        network: 'google',
        name: 'goog',
        source: { kind: 'segment', id: 'quiet' },
        use: 'target',
        remoteId: 'remote-goog',
      });
      held.set('remote-goog', new Set());
      await declare();
      for (const id of ['goog', 'target']) await sync(id);
      calls = [];
      later(24 * 24);
      for (const id of ['goog', 'target']) await sync(id);
      expect(calls).toEqual([]);
      // They let it lapse; TikTok's members stay.
      held.get('remote-goog')!.clear();
      later(2 * 24);
      failed = '1 of 2 invalid';
      expect(await sync('goog')).toMatchObject({
        added: 2,
        audience: { trouble: { code: 'partial_success', detail: '1 of 2 invalid' } },
      });
      failed = undefined;
      await sync('target');
      expect(calls).toEqual([{ action: 'add', rows: 2 }]);
      expect([...held.get('remote-goog')!].toSorted()).toEqual(hashes('ada', 'bob'));
      expect((await audienceInFull(store.records.db, 'goog')).batches[0]).toMatchObject({
        outcome: 'sent',
        code: 'partial_success',
      });
      later(24);
      expect(await sync('goog')).toMatchObject({ added: 0, audience: { trouble: null } });
      // For an upload by hand: the columns of their console.
      expect(await textOf(await audienceFile(context(), 'goog'))).toBe(
        `Email,Phone\r\n${sha256Hex('ada@example.com')},\r\n${sha256Hex('bob@example.com')},\r\n`,
      );
    });

    it('erasing takes her out by her hashes alone, and then nothing is left of her', async () => {
      await people(['ada', 'bob']);
      await declare();
      await sync('target');
      const { db } = store.records;
      await stopEverything(db, ['ada'], now());
      await anonymisePerson(db, 'ada', 'erased_1');
      await deletePersonRows(db, ['ada']);
      segment = ['bob'];
      const rows = await db.selectFrom('audience_records').selectAll().where('reason', '=', 'erased').execute();
      expect(rows).toMatchObject([{ person_id: 'erased_1', identifiers: [], held: [emailOf('ada')] }]);
      later(1);
      endings = [{ outcome: { kind: 'unavailable', detail: 'down' }, applies: false }];
      await sync('target');
      later(1);
      await sync('target');
      expect(inNetwork('target')).toEqual(hashes('bob'));
      expect(await db.selectFrom('audience_records').select('person_id').execute()).toEqual([{ person_id: 'bob' }]);
    });

    it('who leaves does not take out who shares her mailbox; a new mailbox replaces the old', async () => {
      await addPeople(store.records.db, [
        { id: 'ann', email: 'home@example.com' },
        { id: 'ben', email: 'home@example.com' },
      ]);
      await recordConsents(
        store.records.db,
        ['ann', 'ben'].map((id) => consent(id, { channel: 'ads', purpose: 'ads_audience' })),
      );
      segment = ['ann', 'ben'];
      await declare();
      await sync('target');
      later(1);
      await withdraw('ann');
      await sync('target');
      expect(inNetwork('target')).toEqual(hashes('home'));
      expect(calls.map(({ action }) => action)).toEqual(['add']);
      later(1);
      await sql`UPDATE people SET email = 'new@example.com', email_key = 'key-new' WHERE person_id = 'ben'`.execute(
        store.records.db,
      );
      await sync('target');
      expect(inNetwork('target')).toEqual(hashes('new'));
    });

    it('one sync at a time; a closed audience empties; what cannot be declared is refused', async () => {
      await people(['ada']);
      await declare();
      const holding = Promise.withResolvers<void>();
      answers = holding.promise;
      const first = sync('target');
      await expect.poll(() => calls.length).toBe(1);
      await expect(sync('target')).rejects.toMatchObject({ code: 'conflict' });
      holding.resolve();
      await first;
      expect(calls).toHaveLength(1);
      later(1);
      await closeAudience(context(), 'target');
      expect(await sync('target')).toMatchObject({ removed: 1 });
      expect(inNetwork('target')).toEqual([]);
      await expect(declare('target', 'again')).rejects.toMatchObject({ code: 'conflict' });
      await expect(declare('exclude', 'none', { kind: 'segment', id: 'nobody' })).rejects.toMatchObject({
        code: 'not_found',
      });
      const google = { audienceId: 'g', name: 'g', source: { kind: 'segment', id: 'quiet' }, use: 'target' } as const;
      await expect(createAudience(context(), { ...google, network: 'google' })).rejects.toMatchObject({
        code: 'invalid',
      });
      await createAudience(context(), { ...google, network: 'meta' });
      await expect(sync('g')).rejects.toMatchObject({ code: 'conflict' });
      expect((await listAudiences(store.records.db)).map(({ audienceId }) => audienceId)).toEqual(['g', 'target']);
    });
  });
});
