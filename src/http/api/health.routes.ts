// Are both stores there, in which versions, and is anything missing before the first lawful mail? `rekindle doctor` reads this.
import { sql as recordsSql } from 'kysely';
import type { App } from '../../app.ts';
import { unfinishedFields } from '../../collect/business.service.ts';
import { sql } from '../../kernel/sql.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const healthEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/health',
    need: 'business.read',
    summary:
      'Versions of both stores, what keeps the embedded one from looking after itself, and which fields of the business profile still hold their defaults',
    run: async () => {
      const records = await recordsSql<{ version: string }>`SHOW server_version`
        .execute(app.records.db)
        .then((result) => Object.values(result.rows[0] ?? {})[0] ?? '');
      const [events] = await app.events.rows<{ version: string }>(sql`SELECT version() AS version`);
      return {
        records: { kind: app.records.kind, version: records, upkeep: app.records.upkeepTrouble() ?? null },
        events: { kind: app.events.kind, version: events?.version ?? '' },
        mail: app.mailIsPreview() ? 'preview' : app.mail.provider(),
        unfinished: unfinishedFields(app.business, !app.mailIsLocal()),
      };
    },
  }),
];
