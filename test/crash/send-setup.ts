// The shop whose mails are interrupted: who is in it, and what it wants to send. Runs in the child.
import { sql } from 'kysely';
import type { App } from '../../src/app.ts';
import { understandIncoming, type AcceptedEvent } from '../../src/collect/ingest/incoming.ts';
import { createOffer } from '../../src/decide/offers/grants.sql.ts';
import { createProgramme, moveProgramme } from '../../src/decide/programmes/programmes.service.ts';
import { addMs, DAY_MS } from '../../src/kernel/days.ts';
import { DEFAULT_REACH_RULES, type ReachRules } from '../../src/reach/arbiter/rules.ts';
import { recordConsents, suppress } from '../../src/reach/consent/consent.service.ts';
import { STARTER_TEMPLATES } from '../../src/reach/templates/starter-library.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { savePolicy } from '../../src/understand/dormancy/policy.service.ts';
import { PRESETS } from '../../src/understand/dormancy/presets.ts';

/** At any hour, but no more than two mails to anybody in a week. */
export const CAP = 2;
export const CRASH_RULES: ReachRules = {
  ...DEFAULT_REACH_RULES,
  caps: [{ kind: 'rolling', channel: '*', days: 7, max: CAP }],
  gapHours: 0,
  quiet: null,
  globalControlBuckets: 200,
};

/** What the budget pays for is less than the capacity, and both are less than the variant's members. */
export const COUPON = { unitCents: 1_000, capacity: 1_800, paidFor: 1_700 } as const;

/** Who is who among the members, by number. */
export const ROLES = {
  neverAgreed: [0, 100],
  withdrew: [100, 150],
  suppressed: [150, 200],
  /** Two and two share an address. */
  sharing: [200, 300],
  /** Have had a mail before, whose unsubscribe link they know. */
  greeted: [300, 600],
} as const;

export const personId = (i: number): string => `p${String(i).padStart(5, '0')}`;
export const addressOf = (i: number): string =>
  i >= ROLES.sharing[0] && i < ROLES.sharing[1] ? `pair${Math.floor(i / 2)}@mail.example` : `p${i}@mail.example`;
const within = (i: number, [from, to]: readonly [number, number]): boolean => i >= from && i < to;

function acceptedOf(body: Record<string, unknown>, now: Date): AcceptedEvent {
  const outcome = understandIncoming({
    call: undefined,
    body,
    now,
    sentAt: undefined,
    timeZone: 'UTC',
    currency: 'USD',
    bytes: 0,
    fallbackId: () => '',
  });
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.event;
}

const PROGRAMME = {
  entry: { mode: 'once' },
  goal: { withinDays: 28 },
} as const;
const message = (variants: readonly object[]) => ({ kind: 'message', channel: 'email', variants });
const audience = (trait?: string) => ({
  policyId: 'shop',
  stages: ['dormant', 'lost', 'relapsed'],
  ...(trait === undefined ? {} : { segment: { kind: 'trait', name: trait, equals: true } }),
});

/** People, consents, offer, templates, and a first small programme that is running. */
export async function setUpSend(app: App, people: number): Promise<void> {
  const { records, clock } = app;
  const now = clock.now();
  const orderedAt = addMs(now, -200 * DAY_MS).toISOString();
  const agreedAt = addMs(now, -300 * DAY_MS);
  for (let from = 0; from < people; from += 5_000) {
    const some = Array.from({ length: Math.min(5_000, people - from) }, (_, i) => from + i);
    const events = some.flatMap((i) => [
      acceptedOf(
        {
          type: 'identify',
          messageId: `identify-${i}`,
          userId: personId(i),
          timestamp: agreedAt.toISOString(),
          traits: { email: addressOf(i), firstName: `Ann${i}`, vip: i % 5 === 0, greeted: within(i, ROLES.greeted) },
        },
        now,
      ),
      acceptedOf(
        {
          type: 'track',
          event: 'Order Completed',
          messageId: `order-${i}`,
          userId: personId(i),
          timestamp: orderedAt,
          properties: { revenue: 20, order_id: `order-${i}` },
        },
        now,
      ),
    ]);
    await app.ingest.submit({ events, dropped: new Map() });
    const consent = {
      channel: 'email',
      purpose: 'marketing',
      basis: 'express',
      textVersion: 'v1',
      source: 'test',
      proof: {},
      expiresAt: null,
    } as const;
    const agreed = some.filter((i) => !within(i, ROLES.neverAgreed));
    await recordConsents(records.db, [
      ...agreed.map((i) => ({ ...consent, personId: personId(i), status: 'granted' as const, decidedAt: agreedAt })),
      ...agreed
        .filter((i) => within(i, ROLES.withdrew))
        .map((i) => ({
          ...consent,
          personId: personId(i),
          status: 'withdrawn' as const,
          decidedAt: addMs(agreedAt, DAY_MS),
        })),
    ]);
  }
  const suppressed = await sql<{ email_key: string }>`
    SELECT email_key FROM people WHERE person_id >= ${personId(ROLES.suppressed[0])} AND person_id < ${personId(ROLES.suppressed[1])}`.execute(
    records.db,
  );
  await suppress(
    records.db,
    suppressed.rows.map((row) => ({ kind: 'address', key: row.email_key, channel: 'email', reason: 'bounced' })),
    now,
  );
  await savePolicy(app, PRESETS.shop, now);
  for (const template of STARTER_TEMPLATES) await saveTemplate(records.db, template, now);
  await createOffer(
    records.db,
    {
      offerId: 'crash-coupon',
      name: 'Ten off',
      terms: {
        kind: 'coupon',
        amountOffCents: 1_000,
        maxDiscountCents: COUPON.unitCents,
        validDays: 30,
        codePrefix: 'CRASH',
      },
      budgetCents: COUPON.unitCents * COUPON.paidFor,
      capacity: COUPON.capacity,
    },
    now,
  );
  const hello = message([{ key: 'hello', templateId: 'nostalgic' }]);
  await createProgramme(
    app.programmes,
    {
      ...PROGRAMME,
      programmeId: 'hello',
      name: 'Hello',
      audience: audience('greeted'),
      controlShare: 0,
      steps: [hello],
    },
    now,
  );
  await moveProgramme(records, 'hello', 'start', now);
}

/** The two programmes that compete for the same people. */
export async function startProgrammes(app: App): Promise<void> {
  const now = app.clock.now();
  const variants = [
    { key: 'plain', templateId: 'question' },
    { key: 'coupon', templateId: 'offer', offerId: 'crash-coupon' },
  ];
  const both = [
    {
      programmeId: 'everybody',
      name: 'Everybody',
      audience: audience(),
      controlShare: 0.05,
      steps: [message(variants)],
    },
    {
      programmeId: 'vips',
      name: 'The best',
      audience: audience('vip'),
      controlShare: 0.05,
      steps: [message([{ key: 'vip', templateId: 'nostalgic' }])],
    },
  ];
  for (const programme of both) {
    await createProgramme(app.programmes, { ...PROGRAMME, ...programme }, now);
    await moveProgramme(app.records, programme.programmeId, 'start', now);
  }
  app.returns.refresh();
}

/** What is left to do now: 0 when the ledger is at rest. */
export async function pendingWork(app: App): Promise<number> {
  const rows = await sql<{ n: number }>`
    SELECT (SELECT count(*) FROM messages WHERE state = 'sending' OR state = 'planned')::int
      + (SELECT count(*) FROM grants g JOIN messages m USING (grant_id) WHERE g.state = 'reserved' AND m.state IN ('sent', 'unknown'))::int
      + (SELECT count(*) FROM members WHERE state = 'active' AND step_due_at <= now())::int
      + (SELECT count(*) FROM programme_runs WHERE considered < 0)::int
      + (SELECT count(*) FROM programmes g WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM programme_runs r WHERE r.programme_id = g.programme_id))::int AS n`.execute(
    app.records.db,
  );
  return rows.rows[0]!.n;
}

export async function unsettledMessages(app: App): Promise<readonly unknown[]> {
  const { rows } = await sql`
    SELECT state, code, claimed_by, count(*)::int AS messages, min(due_at) AS due, min(claimed_at) AS claimed FROM messages
    WHERE state IN ('planned', 'sending') GROUP BY 1, 2, 3`.execute(app.records.db);
  return rows;
}
