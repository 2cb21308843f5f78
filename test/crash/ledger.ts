// The records store after the storm, read once.
import { join } from 'node:path';
import { sql } from 'kysely';
import { loadSecrets } from '../../src/collect/business.service.ts';
import { openPglite } from '../../src/stores/records/pglite.ts';
import type { RecordsDb } from '../../src/stores/records/records.ts';

export async function readLedger(db: RecordsDb) {
  const messages = await db
    .selectFrom('messages')
    .select(['message_id', 'programme_id', 'person_id', 'state', 'code'])
    .execute();
  const grants = await db.selectFrom('grants').select(['code', 'person_id', 'state', 'cost_cents']).execute();
  const [offer] = (
    await sql<{ committed: number; granted: number }>`SELECT committed_cents AS committed, granted FROM offers`.execute(
      db,
    )
  ).rows;
  const [counted] = (
    await sql<{ exhausted: number; deferred: number }>`
      SELECT (SELECT count(*)::int FROM decisions WHERE 'offer_exhausted' = ANY(codes)) AS exhausted,
        (SELECT count(*)::int FROM decisions WHERE 'cap_rolling' = ANY(codes)) AS deferred`.execute(db)
  ).rows;
  const control = await db
    .selectFrom('members')
    .select(['programme_id', 'person_id'])
    .where('arm', '=', 'control')
    .execute();
  const globalControl = (
    await sql<{ person_id: string; programme_id: string }>`
      SELECT p.person_id, g.programme_id FROM people p, programmes g WHERE p.global_bucket < 200`.execute(db)
  ).rows;
  const unsubscribed = await db
    .selectFrom('consents')
    .select('person_id')
    .where('status', '=', 'withdrawn')
    .where('basis', '=', 'unsubscribe')
    .execute();
  return {
    messages,
    grants,
    offer: offer!,
    exhausted: counted!.exhausted,
    deferredByCap: counted!.deferred,
    control: [...control, ...globalControl].map((row) => `${row.programme_id}/${row.person_id}`),
    unsubscribedPeople: unsubscribed.map((row) => row.person_id),
  };
}

/** From the embedded store of a data folder that nobody holds any more, with the secret that its links are signed with. */
export async function ledgerIn(dataDir: string): Promise<{ readonly ledger: Ledger; readonly tokenSecret: string }> {
  const records = await openPglite(join(dataDir, 'records'));
  try {
    return { ledger: await readLedger(records.db), tokenSecret: (await loadSecrets(records.db)).token };
  } finally {
    await records.close();
  }
}

export type Ledger = Awaited<ReturnType<typeof readLedger>>;
