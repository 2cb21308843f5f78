// Meta Custom Audiences: people are added by POST and taken out by DELETE of `/{audience}/users`, as rows of hashes under a schema.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { httpClient, outcomeOfStatus, type HttpAnswer } from '../../channels/http/exchange.ts';
import type { ConnectionSettings } from '../../connections/connections.ts';
import { valuesOf } from '../identifiers.ts';
import type { Applied, AudienceNetwork, Created } from '../network.ts';
import { jsonOf, notSent, refusalOf, type CodeTable, type Refusal } from './answers.ts';

/** Passing troubles; rate limits; then token and permissions (their table of Marketing API errors). */
const CODES: CodeTable = {
  later: new Set([1, 2]),
  slower: new Set([4, 17, 32, 341, 613, 80_000, 80_003, 80_004]),
  account: new Set([3, 10, 102, 190, 200, 294, 368]),
};
const SCHEMA = ['EMAIL', 'PHONE', 'EXTERN_ID'] as const;

const errorSchema = z.looseObject({
  error: z.looseObject({ code: z.number(), message: z.string().default(''), error_subcode: z.number().optional() }),
});
const createdSchema = z.looseObject({ id: z.string().min(1) });
const takenSchema = z.looseObject({
  session_id: z.union([z.string(), z.number()]).optional(),
  num_received: z.number(),
  num_invalid_entries: z.number().default(0),
  invalid_entry_samples: z.unknown().optional(),
});

export function metaAudiences(settings: ConnectionSettings<'meta'>, now: () => Date): AudienceNetwork {
  const http = httpClient(settings.timeoutMs);
  const base = `${settings.baseUrl ?? 'https://graph.facebook.com'}/${settings.version}`;
  const send = (method: 'POST' | 'DELETE', path: string, fields: Readonly<Record<string, string>>) =>
    http.exchange({
      url: `${base}${path}`,
      method,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        ...fields,
        access_token: settings.accessToken,
        ...(settings.appSecret === undefined
          ? {}
          : { appsecret_proof: createHmac('sha256', settings.appSecret).update(settings.accessToken).digest('hex') }),
      }).toString(),
    });
  const refusal = (answer: HttpAnswer): Refusal => {
    const said = errorSchema.safeParse(jsonOf(answer.body));
    if (!said.success) return notSent(outcomeOfStatus(answer, now()));
    const { code, message, error_subcode: subcode } = said.data.error;
    return refusalOf(code, subcode === undefined ? message : `${message} (${subcode})`, CODES, answer, now());
  };
  const create = async (name: string): Promise<Created> => {
    const answer = await send('POST', `/act_${settings.accountId}/customaudiences`, {
      name,
      subtype: 'CUSTOM',
      customer_file_source: 'USER_PROVIDED_ONLY',
    });
    if (answer.kind !== 'answered') return answer;
    const made = answer.status === 200 ? createdSchema.safeParse(jsonOf(answer.body)) : undefined;
    return made?.success === true ? { kind: 'created', remoteId: made.data.id } : refusal(answer);
  };
  const apply: AudienceNetwork['apply'] = async ({ remoteId, action, batchId, rows }): Promise<Applied> => {
    const data = rows.map((row) => SCHEMA.map((key) => valuesOf(row, key.split('_')[0]!.toLowerCase())[0] ?? ''));
    const fields: Record<string, string> = { payload: JSON.stringify({ schema: SCHEMA, data }) };
    // A session's number is ours to choose: the same batch has the same.
    const session = Number.parseInt(Buffer.from(batchId).toString('hex').slice(-12), 16);
    if (action === 'add')
      fields['session'] = JSON.stringify({
        session_id: session,
        batch_seq: 1,
        last_batch_flag: true,
        estimated_num_total: rows.length,
      });
    const answer = await send(action === 'add' ? 'POST' : 'DELETE', `/${remoteId ?? ''}/users`, fields);
    if (answer.kind !== 'answered') return { outcome: answer };
    const taken = answer.status === 200 ? takenSchema.safeParse(jsonOf(answer.body)) : undefined;
    if (taken?.success !== true)
      return {
        outcome:
          answer.status === 200 && jsonOf(answer.body) === undefined
            ? { kind: 'unknown', detail: 'unreadable' }
            : refusal(answer),
      };
    const { num_received: received, num_invalid_entries: invalid } = taken.data;
    const samples = JSON.stringify(taken.data.invalid_entry_samples ?? '');
    return {
      outcome: {
        kind: 'sent',
        providerId: String(taken.data.session_id ?? batchId),
        response: `${received} received, ${invalid} invalid`,
      },
      ...(invalid === 0 ? {} : { failed: `${invalid} of ${received} invalid` }),
      refused: invalid === 0 ? [] : rows.flat().filter((each) => samples.includes(each.slice(each.indexOf(':') + 1))),
    };
  };
  return { create, apply };
}
