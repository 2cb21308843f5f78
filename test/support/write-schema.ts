// `npm run schema`: writes docs/schema/records.sql and docs/schema/events.sql from freshly migrated embedded stores.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChdb } from '../../src/stores/events/events.ts';
import { migrateEvents } from '../../src/stores/events/migrations.ts';
import { migrateRecords } from '../../src/stores/records/migrations.ts';
import { openPglite } from '../../src/stores/records/pglite.ts';
import { eventsSchema, recordsSchema } from './schema.ts';

const target = join(import.meta.dirname, '../../docs/schema');
const folder = mkdtempSync(join(tmpdir(), 'rekindle-schema-'));
const records = await openPglite('memory://');
const events = await openChdb(folder);
await migrateRecords(records.db);
await migrateEvents(events, new Date(0));
mkdirSync(target, { recursive: true });
writeFileSync(join(target, 'records.sql'), await recordsSchema(records));
writeFileSync(join(target, 'events.sql'), await eventsSchema(events));
await records.close();
await events.close();
rmSync(folder, { recursive: true, force: true });
console.log('wrote docs/schema/records.sql and docs/schema/events.sql');
