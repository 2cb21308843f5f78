// TikTok's Marketing API 1.3: an audience is made under one schema of ids, and people are mapped to it or taken out of it.
import { z } from 'zod';
import { httpClient } from '../../channels/http/exchange.ts';
import type { ConnectionSettings } from '../../connections/connections.ts';
import { valuesOf } from '../identifiers.ts';
import type { AudienceNetwork } from '../network.ts';
import { codedData, type CodeTable } from './answers.ts';

const CODES: CodeTable = {
  later: new Set([50_000, 50_002, 51_010, 51_305]),
  slower: new Set([40_100, 40_016]),
  account: new Set([40_001, 40_101, 40_102, 40_104, 40_105]),
};
const createdSchema = z.looseObject({ audience_id: z.string().min(1) });

export function tiktokAudiences(settings: ConnectionSettings<'tiktok'>, now: () => Date): AudienceNetwork {
  const http = httpClient(settings.timeoutMs);
  const post = async (path: string, body: object) =>
    codedData(
      await http.exchange({
        url: `${settings.baseUrl ?? 'https://business-api.tiktok.com'}/open_api/v1.3${path}`,
        method: 'POST',
        headers: { 'access-token': settings.accessToken, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      CODES,
      now(),
    );
  return {
    create: async (name) => {
      const said = await post('/segment/audience/', {
        advertiser_id: settings.advertiserId,
        custom_audience_name: name,
        id_type: 'MULTIPLE_TYPES',
        action: 'create',
      });
      if (!said.ok) return said.refusal;
      const made = createdSchema.safeParse(said.data);
      return made.success
        ? { kind: 'created', remoteId: made.data.audience_id }
        : { kind: 'unknown', detail: 'created without an id' };
    },
    apply: async ({ remoteId, action, batchId, rows }) => {
      const cell = (value: string | undefined) => (value === undefined ? {} : { id: value, audience_ids: [remoteId] });
      const said = await post('/segment/mapping/', {
        advertiser_ids: [settings.advertiserId],
        action: action === 'add' ? 'add' : 'delete',
        id_schema: ['EMAIL_SHA256', 'PHONE_SHA256'],
        batch_data: rows.map((row) => [cell(valuesOf(row, 'email')[0]), cell(valuesOf(row, 'phone')[0])]),
      });
      return { outcome: said.ok ? { kind: 'sent', providerId: batchId, response: 'code 0' } : said.refusal };
    },
  };
}
