// Rows of the records store with the dull columns filled in.
import type { ConsentEntry } from '../../src/reach/consent/consent.service.ts';
import type { PlannedMessage } from '../../src/reach/messages/ledger.sql.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { RecordsDb } from '../../src/stores/records/records.ts';

const LONG_AGO = new Date('2020-01-01T00:00:00Z');

/** Adds people whose address key is `key-` and their address; `email` null has none. */
export async function addPeople(
  db: RecordsDb,
  people: readonly {
    readonly id: string;
    readonly email?: string | null;
    readonly zone?: string | null;
    readonly bucket?: number;
  }[],
): Promise<void> {
  await db
    .insertInto('people')
    .values(
      people.map(({ id, email = `${id}@example.com`, zone = null, bucket = 9_999 }) => ({
        person_id: id,
        email,
        email_key: email === null ? null : `key-${email}`,
        phone: null,
        phone_key: null,
        first_name: null,
        language: null,
        country: null,
        time_zone: zone,
        traits: '{}',
        cluster_key: id,
        global_bucket: bucket,
        created_at: LONG_AGO,
        updated_at: LONG_AGO,
      })),
    )
    .execute();
}

/** A running programme `g1` with a run `r1`. */
export async function addProgramme(db: RecordsDb, now: Date): Promise<void> {
  await db
    .insertInto('programmes')
    .values({
      programme_id: 'g1',
      version: 1,
      name: 'g',
      definition: '{}',
      state: 'running',
      salt: 's',
      created_at: now,
      started_at: now,
      ended_at: null,
    })
    .execute();
  await db
    .insertInto('programme_runs')
    .values({
      run_id: 'r1',
      programme_id: 'g1',
      programme_version: 1,
      run_on: '2026-03-01',
      started_at: now,
      considered: 0,
    })
    .execute();
}

/** Draws somebody into the control group of `g1`. */
export async function addControl(db: RecordsDb, personId: string, now: Date): Promise<void> {
  await db
    .insertInto('members')
    .values({
      run_id: 'r1',
      person_id: personId,
      programme_id: 'g1',
      arm: 'control',
      variant: null,
      enrolled_at: now,
      state: 'active',
      step: 0,
      step_due_at: null,
      ended_at: null,
      end_reason: null,
    })
    .execute();
}

export const consent = (personId: string, more: Partial<ConsentEntry> = {}): ConsentEntry => ({
  personId,
  channel: 'email',
  purpose: 'marketing',
  status: 'granted',
  basis: 'express',
  textVersion: 'v1',
  source: 'form',
  proof: {},
  decidedAt: LONG_AGO,
  expiresAt: null,
  ...more,
});

export const message = (personId: string, at: Date, more: Partial<PlannedMessage> = {}): PlannedMessage => ({
  message_id: newId('msg', at),
  programme_id: 'g1',
  run_id: 'r1',
  step: 0,
  person_id: personId,
  channel: 'email',
  purpose: 'marketing',
  address: `${personId}@example.com`,
  address_key: `key-${personId}@example.com`,
  variant: 'a',
  template_id: 't1',
  template_version: 1,
  language: 'en',
  grant_id: null,
  content: {},
  priority: 0,
  due_at: at,
  expires_at: new Date(at.getTime() + 30 * 86_400_000),
  created_at: at,
  cost_cents: 1,
  ...more,
});
