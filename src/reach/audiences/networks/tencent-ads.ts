// 腾讯广告: an audience of kind CUSTOMER_FILE and zipped files of one identifier a line, appended or reduced; a file holds one kind of identifier. Files are
// worked on for a while, so a call stays open until all of its files are.
import { strToU8, zipSync } from 'fflate';
import { z } from 'zod';
import { httpClient, type HttpCall } from '../../channels/http/exchange.ts';
import type { ConnectionSettings } from '../../connections/connections.ts';
import type { SendOutcome } from '../../channels/channel.ts';
import { valuesOf } from '../identifiers.ts';
import {
  MAINLAND_IDENTIFIERS,
  MAINLAND_KINDS,
  mainlandIdentifiers,
  type MainlandIdentifier,
} from '../mainland-identifiers.ts';
import type { AudienceNetwork } from '../network.ts';
import { codedData, formOf, undone, type CodeTable } from './answers.ts';

const CODES: CodeTable = {
  later: new Set([51_000, 51_001]),
  slower: new Set([11_017, 11_018]),
  account: new Set([11_000, 11_002, 11_004, 11_005, 11_010, 12_200]),
};
/** Their limit of one zipped file. */
const ZIP_BYTES_MAX = 100 * 1024 * 1024;
const createdSchema = z.looseObject({ audience_id: z.number() });
const fileSchema = z.looseObject({ custom_audience_file_id: z.number() });
const statusSchema = z.looseObject({
  list: z.array(
    z.looseObject({
      process_status: z.string().default(''),
      process_code: z.number().default(0),
      error_message: z.string().nullish(),
      line_count: z.number().default(0),
      valid_line_count: z.number().optional(),
    }),
  ),
});

export function tencentAudiences(
  settings: ConnectionSettings<'tencent_ads'>,
  options: { readonly now: () => Date; readonly nonce: () => string },
): AudienceNetwork {
  const { now } = options;
  const http = httpClient(settings.timeoutMs);
  const call = async (
    request: Omit<HttpCall, 'url'> & { readonly path: string; readonly query?: Readonly<Record<string, string>> },
  ) => {
    const query = new URLSearchParams({
      ...request.query,
      access_token: settings.accessToken,
      timestamp: String(Math.floor(now().getTime() / 1000)),
      nonce: options.nonce().slice(0, 32),
    });
    return codedData(
      await http.exchange({
        url: `${settings.baseUrl ?? 'https://api.e.qq.com'}/v3.0${request.path}?${query.toString()}`,
        method: request.method,
        headers: request.headers,
        body: request.body,
      }),
      CODES,
      now(),
    );
  };
  const post = (path: string, contentType: string, body: string | Uint8Array) =>
    call({ path, method: 'POST', headers: { 'content-type': contentType }, body });
  const upload = async (
    audienceId: string,
    action: 'add' | 'remove',
    kind: MainlandIdentifier,
    file: { readonly name: string; readonly bytes: Uint8Array },
  ): Promise<SendOutcome> => {
    if (file.bytes.length > ZIP_BYTES_MAX)
      return {
        kind: 'rejected',
        class: 'content',
        permanent: false,
        code: 'too_large',
        detail: `${file.bytes.length} bytes, ${ZIP_BYTES_MAX} are allowed`,
      };
    const form = formOf(
      `rekindle-${file.name}`,
      {
        account_id: settings.accountId,
        audience_id: audienceId,
        user_id_type: MAINLAND_IDENTIFIERS[kind].tencent,
        operation_type: action === 'add' ? 'APPEND' : 'REDUCE',
        ...(kind === 'openid' && settings.openAppId !== undefined ? { open_app_id: settings.openAppId } : {}),
      },
      file,
    );
    const said = await post('/custom_audience_files/add', form.contentType, form.body);
    if (!said.ok) return said.refusal;
    const taken = fileSchema.safeParse(said.data);
    return taken.success
      ? { kind: 'sent', providerId: String(taken.data.custom_audience_file_id), response: 'code 0' }
      : { kind: 'unknown', detail: 'taken without an id' };
  };
  return {
    identifiers: (person) => mainlandIdentifiers(person, settings.identifiers, settings.openAppId),
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
      const taken: string[] = [];
      // A removal names whatever was held, also what the settings send no more.
      for (const kind of MAINLAND_KINDS) {
        const lines = [...new Set(rows.flatMap((row) => valuesOf(row, kind)))];
        if (lines.length === 0) continue;
        const name = `${batchId}-${kind}`;
        const bytes = zipSync({ [`${name}.txt`]: strToU8(lines.join('\n')) });
        const outcome = await upload(remoteId ?? '', action, kind, { name: `${name}.zip`, bytes });
        if (outcome.kind === 'sent') taken.push(outcome.providerId);
        // Once a file of the batch has gone, nothing of it is certainly undone.
        else if (taken.length === 0) return { outcome };
        else return { outcome: { kind: 'unknown', detail: `${kind}: ${outcome.detail}` } };
      }
      return {
        outcome: { kind: 'sent', providerId: `${remoteId ?? ''} ${taken.join(',')}`, response: 'code 0' },
        isOpen: true,
      };
    },
    fateOf: async (providerId) => {
      const [audienceId = '', files = ''] = providerId.split(' ');
      let [lines, useless] = [0, 0];
      for (const file of files.split(',')) {
        const read = await call({
          path: '/custom_audience_files/get',
          query: { account_id: settings.accountId, audience_id: audienceId, custom_audience_file_id: file },
          method: 'GET',
          headers: {},
          body: '',
        });
        if (!read.ok) return { kind: 'processing', unheard: undone(read.refusal) };
        const found = statusSchema.safeParse(read.data).data?.list[0];
        if (found?.process_status === 'ERROR')
          return {
            kind: 'failed',
            code: String(found.process_code),
            detail: `file ${file}: ${found.error_message ?? 'ERROR'}`,
          };
        if (found?.process_status !== 'SUCCESS') return { kind: 'processing' };
        lines += found.line_count;
        useless += found.line_count - (found.valid_line_count ?? found.line_count);
      }
      return useless > 0 ? { kind: 'done', failed: `${useless} of ${lines} lines invalid` } : { kind: 'done' };
    },
  };
}
