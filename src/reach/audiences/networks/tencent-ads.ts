// 腾讯广告: an audience of kind CUSTOMER_FILE and zipped files of one hash a line, appended or reduced.
import { strToU8, zipSync } from 'fflate';
import { z } from 'zod';
import { httpClient } from '../../channels/http/exchange.ts';
import type { ConnectionSettings } from '../../connections/connections.ts';
import { valuesOf } from '../identifiers.ts';
import type { AudienceNetwork } from '../network.ts';
import { codedData, formOf, type CodeTable } from './answers.ts';

const CODES: CodeTable = {
  later: new Set([11_017, 11_018, 51_000, 51_001]),
  sender: new Set([11_000, 11_002, 11_004, 11_005, 11_010, 12_200]),
};
const createdSchema = z.looseObject({ audience_id: z.number() });
const fileSchema = z.looseObject({ custom_audience_file_id: z.number() });

export function tencentAudiences(
  settings: ConnectionSettings<'tencent_ads'>,
  options: { readonly now: () => Date; readonly nonce: () => string },
): AudienceNetwork {
  const { now } = options;
  const http = httpClient(settings.timeoutMs);
  const post = async (path: string, contentType: string, body: string | Uint8Array) => {
    const query = new URLSearchParams({
      access_token: settings.accessToken,
      timestamp: String(Math.floor(now().getTime() / 1000)),
      nonce: options.nonce().slice(0, 32),
    });
    return codedData(
      await http.exchange({
        url: `${settings.baseUrl ?? 'https://api.e.qq.com'}/v3.0${path}?${query.toString()}`,
        method: 'POST',
        headers: { 'content-type': contentType },
        body,
      }),
      CODES,
      now(),
    );
  };
  return {
    create: async (name) => {
      const said = await post(
        '/custom_audiences/add',
        'application/json',
        JSON.stringify({ account_id: Number(settings.accountId), name, type: 'CUSTOMER_FILE', description: name }),
      );
      if (!said.ok) return said.refusal;
      const made = createdSchema.safeParse(said.data);
      return made.success
        ? { kind: 'created', remoteId: String(made.data.audience_id) }
        : { kind: 'unknown', detail: 'created without an id' };
    },
    apply: async ({ remoteId, action, batchId, rows }) => {
      const lines = rows.flatMap((row) => valuesOf(row, 'phone'));
      const form = formOf(
        `rekindle-${batchId}`,
        {
          account_id: settings.accountId,
          audience_id: remoteId ?? '',
          user_id_type: 'SHA256_MOBILE_PHONE',
          operation_type: action === 'add' ? 'APPEND' : 'REDUCE',
        },
        { name: `${batchId}.zip`, bytes: zipSync({ [`${batchId}.txt`]: strToU8(lines.join('\n')) }) },
      );
      const said = await post('/custom_audience_files/add', form.contentType, form.body);
      if (!said.ok) return { outcome: said.refusal };
      const file = fileSchema.safeParse(said.data);
      return {
        outcome: file.success
          ? { kind: 'sent', providerId: String(file.data.custom_audience_file_id), response: 'code 0' }
          : { kind: 'unknown', detail: 'taken without an id' },
      };
    },
  };
}
