// Limits that must hold however many workers ask at once, on both records adapters: WeChat subscriptions, the sending domain's daily cap, and the
// person's own. On PostgreSQL the workers have connections of their own; an embedded store is asked several times at once.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { subscriptionsOf } from '../../src/reach/arbiter/filled-templates.sql.ts';
import { giveQuota, returnQuota, takeQuota, voidQuota } from '../../src/reach/arbiter/quotas.sql.ts';
import type { ReachRules } from '../../src/reach/arbiter/rules.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import type { Allowance } from '../../src/reach/deliverability/guard.service.ts';
import { claimDue } from '../../src/reach/messages/claim.sql.ts';
import { recoverClaims } from '../../src/reach/messages/journal.service.ts';
import {
  finishMessages,
  planMessages,
  settleQuotas,
  type Finish,
  type PlannedMessage,
} from '../../src/reach/messages/ledger.sql.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { statementsOf } from '../../src/stores/records/migrations.ts';
import { QUOTAS_BY_FILLED_ROWS } from '../../src/stores/records/migrations/0029-quotas-by-filled.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { addPeople, consent, message } from '../support/rows.ts';

const NOW = new Date('2026-03-02T12:00:00.000Z');
const FREE: ReachRules = { caps: [], gapHours: 0, quiet: null, defaultTimeZone: 'UTC', globalControlBuckets: 0 };
const TEMPLATE = { channel: 'wechat_mini', providerTemplateId: 't1' } as const;
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

describe.each(RECORDS_KINDS)('limits on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`hold under contention${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store?.close());
    beforeEach(() => store.clear());

    const remaining = async (personId: string): Promise<number> =>
      (
        await store.records.db
          .selectFrom('channel_quotas')
          .select('remaining')
          .where('person_id', '=', personId)
          .executeTakeFirstOrThrow()
      ).remaining;

    it('gives out a person’s subscriptions once each, never more than she accepted', async () => {
      const { db } = store.records;
      await giveQuota(db, [{ ...TEMPLATE, key: 'first', personId: 'p1', count: 7 }], NOW);
      const take = (worker: number, i: number) =>
        takeQuota(store.workers[worker]!.db, [{ ...TEMPLATE, messageId: `m${worker}-${i}`, personId: 'p1' }], NOW);
      const taken = await Promise.all(store.workers.flatMap((_, worker) => upTo(10).map((i) => take(worker, i))));
      expect(taken.filter((each) => each.size === 1)).toHaveLength(7);
      expect(await remaining('p1')).toBe(0);
      // Whoever has one keeps it when asked again, and nobody gets another's.
      const again = await Promise.all(store.workers.flatMap((_, worker) => upTo(10).map((i) => take(worker, i))));
      expect(again.map((each) => [...each])).toEqual(taken.map((each) => [...each]));
      expect(await remaining('p1')).toBe(0);
    });

    it('adds gifts that come in meanwhile, each once', async () => {
      const gift = (i: number) =>
        giveQuota(
          store.workers[i % store.workers.length]!.db,
          [{ ...TEMPLATE, key: `e${i % 12}`, personId: 'p1', count: 1 }],
          NOW,
        );
      const use = (i: number) =>
        takeQuota(
          store.workers[i % store.workers.length]!.db,
          [{ ...TEMPLATE, messageId: `m${i}`, personId: 'p1' }],
          NOW,
        );
      // 24 reports of 12 acceptances, and 20 messages that want one, all at once.
      const results = await Promise.all([...upTo(24).map(gift), ...upTo(20).map(async (i) => (await use(i)).size)]);
      expect(results.slice(0, 24).reduce((sum, added) => sum + added, 0)).toBe(12);
      const used = results.slice(24).reduce((sum, each) => sum + each, 0);
      expect(used).toBeLessThanOrEqual(12);
      expect(await remaining('p1')).toBe(12 - used);
      const { rows } = await sql<{ sum: number }>`SELECT sum(delta)::int AS sum FROM quota_entries`.execute(
        store.records.db,
      );
      expect(rows[0]!.sum).toBe(12 - used);
    });

    it('voids what was counted before a refusal, once, and keeps what she accepts in the same moment', async () => {
      const { db } = store.records;
      const minute = (n: number): Date => new Date(NOW.getTime() + n * 60_000);
      const worker = (i: number) => store.workers[i % store.workers.length]!.db;
      const gift = (key: string, at: Date, i = 0) =>
        giveQuota(worker(i), [{ ...TEMPLATE, key, personId: 'p1', count: 1 }], at);
      for (const key of ['a', 'b', 'c']) await gift(key, NOW);
      await takeQuota(db, [{ ...TEMPLATE, messageId: 'm1', personId: 'p1' }], NOW);
      const refusal = { ...TEMPLATE, key: 'message:m1', personId: 'p1', before: minute(1) };
      // Six workers hear of the refusal while five acceptances come in that are later than the hand-over.
      await Promise.all([
        ...upTo(6).map((i) => voidQuota(worker(i), [refusal], minute(2))),
        ...upTo(5).map((i) => gift(`later-${i}`, minute(2), i)),
      ]);
      expect(await remaining('p1')).toBe(5);
      // Heard once more, also after a message that had taken one of them: nothing changes.
      await takeQuota(db, [{ ...TEMPLATE, messageId: 'm2', personId: 'p1' }], minute(3));
      await voidQuota(db, [refusal], minute(4));
      expect(await remaining('p1')).toBe(4);
      // What was taken before is not given back, what was taken since is, once.
      await Promise.all(upTo(4).map((i) => returnQuota(worker(i), ['m1', 'm2', 'm-unknown'], minute(5))));
      expect(await remaining('p1')).toBe(5);
      const { rows } = await sql<{ sum: number }>`SELECT sum(delta)::int AS sum FROM quota_entries`.execute(db);
      expect(rows[0]!.sum).toBe(5);
      // Who never gave any has none.
      await voidQuota(db, [{ ...refusal, key: 'message:m9', personId: 'p9' }], minute(5));
      expect(await remaining('p9')).toBe(0);
    });

    it('claims, refusals and acceptances of many people at once always add up', async () => {
      const { db } = store.records;
      const ids = upTo(30).map((i) => `p${i}`);
      await giveQuota(
        db,
        ids.map((personId) => ({ ...TEMPLATE, key: personId, personId, count: 5 })),
        NOW,
      );
      const mixed = (round: number): readonly string[] => (round % 2 === 0 ? ids : ids.toReversed());
      const work = upTo(18).map((round) => {
        const worker = store.workers[round % store.workers.length]!.db;
        const at = new Date(NOW.getTime() + round * 1_000);
        const messageId = (personId: string): string => `m${round}-${personId}`;
        if (round % 3 === 0)
          return takeQuota(
            worker,
            mixed(round).map((personId) => ({ ...TEMPLATE, messageId: messageId(personId), personId })),
            at,
          );
        if (round % 3 === 1)
          return voidQuota(
            worker,
            mixed(round).map((personId) => ({ ...TEMPLATE, key: messageId(personId), personId, before: at })),
            at,
          );
        return giveQuota(
          worker,
          mixed(round).map((personId) => ({ ...TEMPLATE, key: messageId(personId), personId, count: 1 })),
          at,
        );
      });
      await Promise.all(work);
      // Whatever came first, what remains is what the lines say.
      const { rows } = await sql<{ wrong: number }>`
        SELECT count(*)::int AS wrong FROM channel_quotas q WHERE remaining <>
          (SELECT sum(e.delta) FROM quota_entries e WHERE e.person_id = q.person_id)`.execute(db);
      expect(rows[0]!.wrong).toBe(0);
    });

    it('knows after a kill -9 what had been heard of her subscriptions, also where the ledger had heard it', async () => {
      const { db } = store.records;
      const ids = ['p1', 'p2', 'p3'];
      await addPeople(
        db,
        ids.map((id) => ({ id })),
      );
      await recordConsents(
        db,
        ids.map((id) => consent(id, { channel: 'wechat' })),
      );
      await giveQuota(
        db,
        ids.map((personId) => ({ ...TEMPLATE, key: personId, personId, count: 3 })),
        NOW,
      );
      await planMessages(
        db,
        ids.map((id) => message(id, NOW, { channel: 'wechat_mini' })),
      );
      const later = new Date(NOW.getTime() + 1_000);
      const { claimed } = await claimDue(db, {
        channel: 'wechat_mini',
        worker: 'w',
        limit: 9,
        rules: FREE,
        now: later,
      });
      expect(claimed).toHaveLength(3);
      const left = new Map(
        claimed.map(({ message_id, person_id }): [string, Finish | 'handed_over'] => {
          const finish: Finish = {
            message_id,
            state: 'failed',
            at: later,
            provider_id: null,
            code: person_id === 'p1' ? 'mailbox:43101' : 'content:47003',
            detail: null,
            due_at: null,
            ...(person_id === 'p1' ? { noneLeft: true } : {}),
          };
          return [`${message_id}/1`, person_id === 'p3' ? 'handed_over' : finish];
        }),
      );
      // The process died after the ledger had p2's outcome, and before her subscription was given back.
      await finishMessages(
        db,
        [...left.values()].filter((fate) => fate !== 'handed_over' && fate.code === 'content:47003') as Finish[],
      );
      for (let time = 0; time < 2; time++) {
        await recoverClaims(db, left, { isOnlySender: true, workers: [], now: later });
        // None of p1's, all of p2's; p3's may have been delivered.
        expect([await remaining('p1'), await remaining('p2'), await remaining('p3')]).toEqual([0, 3, 2]);
      }
    });

    it('claims as many WeChat messages of a person as she has subscriptions', async () => {
      const { db } = store.records;
      const ids = upTo(8).map((i) => `p${i}`);
      await addPeople(
        db,
        ids.map((id) => ({ id })),
      );
      await recordConsents(
        db,
        ids.map((id) => consent(id, { channel: 'wechat' })),
      );
      await giveQuota(
        db,
        ids.map((personId, i) => ({ ...TEMPLATE, key: personId, personId, count: (i % 3) + 1 })),
        NOW,
      );
      await planMessages(
        db,
        ids.flatMap((id) => upTo(5).map((i) => message(id, NOW, { run_id: `r${i}`, channel: 'wechat_mini' }))),
      );
      const round = () =>
        Promise.all(
          store.workers.map((worker, i) =>
            claimDue(worker.db, { channel: 'wechat_mini', worker: `w${i}`, limit: 10, rules: FREE, now: NOW }),
          ),
        );
      for (let rounds = 0; rounds < 20; rounds++) await round();
      const { rows } = await sql<{ person_id: string; state: string; code: string | null; messages: number }>`
        SELECT person_id, state, code, count(*)::int AS messages FROM messages GROUP BY 1, 2, 3 ORDER BY 1, 2`.execute(
        db,
      );
      expect(rows).toEqual(
        ids.flatMap((person_id, i) => [
          { person_id, state: 'refused', code: 'no_quota', messages: 5 - ((i % 3) + 1) },
          { person_id, state: 'sending', code: null, messages: (i % 3) + 1 },
        ]),
      );
      for (const id of ids) expect(await remaining(id)).toBe(0);
    });

    it('counts what a message really fills: by its version, her language and whether she wants nothing made for her', async () => {
      const { db } = store.records;
      const fields = (id: string) => ({ wechatTemplateId: id, data: { thing1: 'x' } });
      const versions = (zh: string, generic: string, en: string) => ({
        zh: { personal: fields(zh), generic: fields(generic) },
        en: { personal: fields(en), generic: fields(en) },
      });
      for (const [zh, generic, en] of [
        ['W-zh', 'W-generic', 'W-en'],
        ['W-new', 'W-new', 'W-new'],
      ] as const)
        await saveTemplate(db, { key: 't1', kind: 'wechat', versions: versions(zh, generic, en) }, NOW);
      const only = { personal: fields('W-zh'), generic: fields('W-zh') };
      await saveTemplate(db, { key: 't2', kind: 'wechat', versions: { zh: only } }, NOW);
      // Who has which subscription, and whether her message uses it.
      const cases: readonly (readonly [string, string, boolean, Partial<PlannedMessage>, boolean?])[] = [
        ['zh', 'W-zh', true, { language: 'zh-CN' }],
        ['zh-other', 'W-en', false, { language: 'zh-CN' }],
        ['en', 'W-en', true, { language: 'en' }],
        ['plain', 'W-generic', true, { language: 'zh-CN' }, true],
        ['plain-other', 'W-zh', false, { language: 'zh-CN' }, true],
        ['new', 'W-new', true, { language: 'en', template_version: 2 }],
        ['new-other', 'W-en', false, { language: 'en', template_version: 2 }],
        ['old', 'W-new', false, { language: 'en', template_version: 1 }],
        // She reads English, and the template has Chinese words only.
        ['lent', 'W-zh', true, { language: 'en', template_id: 't2' }],
        ['by-name', 't1', false, { language: 'zh-CN' }],
      ];
      await addPeople(
        db,
        cases.map(([id]) => ({ id })),
      );
      await recordConsents(db, [
        ...cases.map(([id]) => consent(id, { channel: 'wechat' })),
        ...cases.flatMap(([id, , , , isPlain]) =>
          isPlain === true ? [consent(id, { channel: '*', purpose: 'profiling', status: 'withdrawn' })] : [],
        ),
      ]);
      await giveQuota(
        db,
        cases.map(([personId, providerTemplateId]) => ({
          key: personId,
          personId,
          channel: 'wechat_mini',
          providerTemplateId,
          count: 1,
        })),
        NOW,
      );
      await planMessages(
        db,
        cases.map(([id, , , more]) => message(id, NOW, { channel: 'wechat_mini', ...more })),
      );
      const { claimed } = await claimDue(db, {
        channel: 'wechat_mini',
        worker: 'w',
        limit: 50,
        rules: FREE,
        now: NOW,
      });
      expect(claimed.map(({ person_id }) => person_id).toSorted()).toEqual(
        cases.flatMap(([id, , uses]) => (uses ? [id] : [])).toSorted(),
      );
      for (const [id, , uses] of cases) expect([id, await remaining(id)]).toEqual([id, uses ? 0 : 1]);
      // Where WeChat says that none is left, it is that of the template which was filled.
      const finishes = claimed.map(({ message_id }): Finish => ({
        message_id,
        state: 'failed',
        at: NOW,
        provider_id: null,
        code: 'mailbox:43101',
        detail: null,
        due_at: null,
        noneLeft: true,
      }));
      await finishMessages(db, finishes);
      await settleQuotas(db, finishes, NOW);
      const voids = await db
        .selectFrom('quota_entries')
        .select(['person_id', 'provider_template_id'])
        .where('dedupe_key', 'like', 'void:%')
        .orderBy('person_id')
        .execute();
      expect(voids.map((row) => `${row.person_id} ${row.provider_template_id}`)).toEqual(
        cases.flatMap(([id, subscribed, uses]) => (uses ? [`${id} ${subscribed}`] : [])).toSorted(),
      );
    });

    it('moves what stood under a template of ours to the one that it fills, and adds up several', async () => {
      const { db } = store.records;
      const filled = (id: string) => ({ wechatTemplateId: id, data: { thing1: 'x' } });
      const words = { text: 'words' };
      for (const [key, version] of [
        ['a', filled('W1')],
        ['b', filled('W1')],
        ['c', filled('W2')],
        ['d', words],
      ] as const)
        await saveTemplate(db, { key, kind: 'wechat', versions: { zh: { personal: version, generic: version } } }, NOW);
      const lines = [
        ['p1', 'a', 3],
        ['p1', 'b', 2],
        ['p1', 'c', 1],
        ['p2', 'b', 0],
        ['p2', 'd', 4],
        ['p2', 'gone', 5],
      ] as const;
      await db
        .insertInto('channel_quotas')
        .values(
          lines.map(([person_id, provider_template_id, count]) => ({
            person_id,
            channel: 'wechat_mini',
            provider_template_id,
            remaining: count,
            updated_at: NOW,
          })),
        )
        .execute();
      await db
        .insertInto('quota_entries')
        .values(
          lines.map(([person_id, provider_template_id, delta]) => ({
            dedupe_key: `gift:${person_id}-${provider_template_id}`,
            person_id,
            channel: 'wechat_mini',
            provider_template_id,
            delta,
            occurred_at: NOW,
          })),
        )
        .execute();
      for (const statement of statementsOf(QUOTAS_BY_FILLED_ROWS)) await sql.raw(statement).execute(db);
      const rows = async (table: 'channel_quotas' | 'quota_entries', column: string): Promise<readonly string[]> => {
        const found = await sql<{ line: string }>`
          SELECT person_id || ' ' || provider_template_id || ' ' || sum(${sql.ref(column)}) AS line FROM ${sql.table(table)}
          GROUP BY person_id, provider_template_id ORDER BY 1`.execute(db);
        return found.rows.map(({ line }) => line);
      };
      const expected = ['p1 W1 5', 'p1 W2 1', 'p2 W1 0', 'p2 d 4', 'p2 gone 5'];
      expect(await rows('channel_quotas', 'remaining')).toEqual(expected);
      expect(await rows('quota_entries', 'delta')).toEqual(expected);
      // What she is told of them names the template, and ours that fill it.
      const mini = { channel: 'wechat_mini' };
      expect(await subscriptionsOf(db, 'p1')).toEqual([
        { ...mini, providerTemplateId: 'W1', templateIds: ['a', 'b'], remaining: 5 },
        { ...mini, providerTemplateId: 'W2', templateIds: ['c'], remaining: 1 },
      ]);
      expect(await subscriptionsOf(db, 'p2')).toEqual([
        { ...mini, providerTemplateId: 'W1', templateIds: ['a', 'b'], remaining: 0 },
        { ...mini, providerTemplateId: 'd', templateIds: ['d'], remaining: 4 },
        { ...mini, providerTemplateId: 'gone', templateIds: [], remaining: 5 },
      ]);
    });

    it('never claims beyond the sending domain’s cap of the day', async () => {
      const { db } = store.records;
      const ids = upTo(60).map((i) => `p${i}`);
      await addPeople(
        db,
        ids.map((id) => ({ id })),
      );
      await recordConsents(
        db,
        ids.map((id) => consent(id)),
      );
      await planMessages(
        db,
        ids.map((id) => message(id, NOW)),
      );
      await sql`UPDATE messages SET last_active_on = '2026-01-01'`.execute(db);
      const allowance: Allowance = { domain: 'shop.example', day: '2026-03-02', isStopped: false, cap: 25 };
      const claims: number[] = [];
      const claim = async (i: number): Promise<void> => {
        const options = { channel: 'email', worker: `w${i}`, limit: 10, rules: FREE, now: NOW, allowance };
        claims.push((await claimDue(store.workers[i]!.db, options)).claimed.length);
      };
      for (let rounds = 0; rounds < 6; rounds++) await Promise.all(store.workers.map((_, i) => claim(i)));
      expect(claims.reduce((sum, each) => sum + each, 0)).toBe(25);
      const day = await db.selectFrom('sender_days').select(['claimed']).executeTakeFirstOrThrow();
      expect(day.claimed).toBe(25);
      const sending = await db.selectFrom('messages').select('message_id').where('state', '=', 'sending').execute();
      expect(sending).toHaveLength(25);
      // The next day begins at nothing.
      const tomorrow = new Date(NOW.getTime() + 24 * 3_600_000);
      const next = await claimDue(db, {
        channel: 'email',
        worker: 'w0',
        limit: 50,
        rules: FREE,
        now: tomorrow,
        allowance: { ...allowance, day: '2026-03-03' },
      });
      expect(next.claimed).toHaveLength(25);
    });

    it('keeps one a day for a person and for an address, whichever of two workers is first', async () => {
      const { db } = store.records;
      // Two people to a mailbox, three messages to each.
      const ids = upTo(20).map((i) => `p${i}`);
      await addPeople(
        db,
        ids.map((id, i) => ({ id, email: `box${Math.floor(i / 2)}@example.com` })),
      );
      await recordConsents(
        db,
        ids.map((id) => consent(id)),
      );
      await planMessages(
        db,
        ids.flatMap((id, i) =>
          upTo(3).map((run) =>
            message(id, NOW, {
              run_id: `r${i % 2}-${run}`,
              address_key: `key-box${Math.floor(i / 2)}@example.com`,
            }),
          ),
        ),
      );
      const rules: ReachRules = { ...FREE, caps: [{ kind: 'calendar', channel: '*', unit: 'day', max: 1 }] };
      for (let rounds = 0; rounds < 10; rounds++)
        await Promise.all(
          [0, 1].map((i) =>
            claimDue(store.workers[i]!.db, { channel: 'email', worker: `w${i}`, limit: 7, rules, now: NOW }),
          ),
        );
      const { rows } = await sql<{ address_key: string; claimed: number }>`
        SELECT address_key, count(*) FILTER (WHERE state = 'sending')::int AS claimed FROM messages GROUP BY 1`.execute(
        db,
      );
      expect(rows).toHaveLength(10);
      expect(new Set(rows.map(({ claimed }) => claimed))).toEqual(new Set([1]));
    });
  });
});
