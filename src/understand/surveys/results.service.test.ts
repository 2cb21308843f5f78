// Results of a wave on both stores: by stage, within a segment, and as evidence for the person's own reasons.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Records } from '../../stores/records/records.ts';
import type { Events } from '../../stores/events/events.ts';
import { eventRow, temporaryEvents } from '../../../test/support/events-store.ts';
import { newRecords } from '../../../test/support/records-template.ts';
import { evaluatePolicy } from '../dormancy/evaluate.service.ts';
import { PRESETS } from '../dormancy/presets.ts';
import { evaluateReasons, reasonShares, reasonsOf } from '../reasons/reasons.service.ts';
import { resolveSegment } from '../segments/resolve.service.ts';
import { parseSegment } from '../segments/segment.ts';
import { surveyResults } from './results.service.ts';
import { inviteToWave, openWave, recordAnswer } from './surveys.service.ts';

const NOW = new Date('2026-07-01T00:00:00Z');
const DORMANT = Array.from({ length: 40 }, (_, i) => `d${i}`);
const ACTIVE = Array.from({ length: 20 }, (_, i) => `a${i}`);
let records: Records;
let events: Events;
let close: () => Promise<void>;

beforeAll(async () => {
  records = await newRecords();
  ({ events, close } = await temporaryEvents());
  await events.insert('events', [
    ...DORMANT.map((id) => eventRow(id, 'Order Completed', '2026-01-10', 1000)),
    ...ACTIVE.flatMap((id) => ['2026-04-25', '2026-06-25'].map((day) => eventRow(id, 'Order Completed', day, 1000))),
  ]);
  await evaluatePolicy(events, { policy: PRESETS.shop, version: 1, asOf: '2026-06-30', now: NOW });
  await records.db
    .insertInto('people')
    .values(
      [...DORMANT, ...ACTIVE].map((id) => ({
        email: null,
        phone: null,
        email_key: null,
        phone_key: null,
        first_name: null,
        language: null,
        person_id: id,
        country: null,
        time_zone: null,
        traits: '{}',
        cluster_key: id,
        global_bucket: 0,
        created_at: NOW,
        updated_at: NOW,
      })),
    )
    .execute();
  await openWave(records.db, { surveyId: 'spring', kind: 'reason', name: 'Spring' }, NOW);
  await inviteToWave(records.db, 'spring', [...DORMANT, ...ACTIVE], 'email', NOW);
  const answer = (personId: string, reason: string) =>
    recordAnswer(
      records.db,
      { surveyId: 'spring', personId, answer: reason, freeText: `from ${personId}`, language: 'en' },
      NOW,
    );
  // 4 of 40 dormant say privacy, 10 of 20 active say forgot.
  for (const id of DORMANT.slice(0, 4)) await answer(id, 'privacy');
  for (const id of ACTIVE.slice(0, 10)) await answer(id, 'forgot');
});
afterAll(async () => {
  await records.close();
  await close();
});

it('counts everybody asked, and says who did not answer', async () => {
  const results = await surveyResults({ records, events }, { surveyId: 'spring', policyId: 'shop' }, NOW);
  expect(results).toMatchObject({ invited: 60, answered: 14, nps: null });
  expect(results.groups).toMatchObject([
    { group: 'active', invited: 20, answered: 10, answers: { forgot: 10 } },
    { group: 'dormant', invited: 40, answered: 4, answers: { privacy: 4 } },
  ]);
  const privacy = results.answers.find(({ answer }) => answer === 'privacy')!;
  expect(privacy.share).toBeCloseTo(4 / 14, 12);
  // Everybody dormant who spoke said privacy, and two of three asked are dormant.
  expect(privacy.weightedShare).toBeCloseTo(2 / 3, 12);
  expect(results.bias.en).toContain('from 10.0% (Dormant) to 50.0% (Active)');
  // The active spent 20.00 and have been silent for 5 days, the dormant 10.00 and 171 days.
  const { invited, answered } = results.comparison!;
  expect(invited.stages).toEqual({ active: 20 / 60, dormant: 40 / 60 });
  expect(answered.stages).toEqual({ active: 10 / 14, dormant: 4 / 14 });
  expect(invited.meanSpentCents).toBeCloseTo((20 * 2_000 + 40 * 1_000) / 60, 9);
  expect(answered.meanSpentCents).toBeCloseTo((10 * 2_000 + 4 * 1_000) / 14, 9);
  expect(answered.meanSilentDays).toBeCloseTo((10 * 5 + 4 * 171) / 14, 9);
  expect(results.texts).toHaveLength(14);
});

it('narrows to a segment, and then shows nobody’s words', async () => {
  const segment = { kind: 'stage', in: ['dormant'] };
  const parsed = await resolveSegment(records.db, parseSegment({ kind: 'not', of: { kind: 'not', of: segment } }));
  const asked = { surveyId: 'spring', policyId: 'shop', segment: parsed };
  const results = await surveyResults({ records, events }, asked, NOW);
  expect(results).toMatchObject({ invited: 40, answered: 4, texts: [] });
  await expect(surveyResults({ records, events }, { surveyId: 'spring', segment: parsed }, NOW)).rejects.toMatchObject({
    code: 'invalid',
  });
  await expect(surveyResults({ records, events }, { surveyId: 'none' }, NOW)).rejects.toMatchObject({
    code: 'not_found',
  });
});

it('lets an answer speak for the person herself', async () => {
  const summary = await evaluateReasons({ records, events }, 'shop', NOW);
  expect(summary).toMatchObject({ people: 40, weights: { kind: 'table', answers: 4 } });
  expect(summary.weights.why.en).toContain('4 survey answers are too few');
  expect(await reasonShares(records, 'shop')).toEqual(summary);
  const [said] = await reasonsOf(events, 'd0');
  const [silent] = await reasonsOf(events, 'd30');
  expect(said).toMatchObject({ reason: 'privacy', answer: 'privacy' });
  expect(silent!.answer).toBeNull();
  // Bayes: the odds of privacy against any other reason grow by 0.8 / (0.2 / 6) = 24.
  const odds = (reasons: typeof said): number => reasons!.probabilities.privacy / reasons!.probabilities.forgot;
  expect(odds(said) / odds(silent)).toBeCloseTo(24, 8);
});
