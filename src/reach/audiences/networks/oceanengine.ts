// 巨量引擎: a data source is made of uploaded files, added to and taken from by more files. They are worked on for a while, and take effect when the audience
// of the source is published after that; so a call stays open until then. A line of a file is a protobuf message in base64, and a file holds one kind
// of identifier.
import { createHash } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import { z } from 'zod';
import { httpClient, type HttpCall } from '../../channels/http/exchange.ts';
import type { ConnectionSettings } from '../../connections/connections.ts';
import { valuesOf } from '../identifiers.ts';
import { MAINLAND_IDENTIFIERS, MAINLAND_KINDS, mainlandIdentifiers } from '../mainland-identifiers.ts';
import type { Applied, AudienceNetwork } from '../network.ts';
import { codedData, formOf, undone, type CodeTable } from './answers.ts';

const CODES: CodeTable = {
  later: new Set([50_000, 61_002]),
  slower: new Set([40_100, 40_110]),
  account: new Set([40_001, 40_002, 40_102, 40_103, 40_104, 40_105]),
};
const IDS_PER_LINE_MAX = 10_000;
const NAME_MAX = 30;

const uploadedSchema = z.looseObject({ file_path: z.string().min(1) });
const createdSchema = z.looseObject({ data_source_id: z.string().min(1) });
const enumSchema = z.union([z.number(), z.string()]).transform(String);
const readSchema = z.looseObject({
  data_list: z.array(
    z.looseObject({
      latest_published_changelog_id: z.number().optional(),
      change_logs: z
        .array(
          z.looseObject({
            change_log_id: z.number().optional(),
            status: enumSchema.optional(),
            file_paths: z.array(z.string()).nullish(),
          }),
        )
        .nullish(),
      default_audience: z.looseObject({ custom_audience_id: z.number() }).nullish(),
    }),
  ),
});
/** Of a change of a data source: 0 new, 1 worked on, 2 done, 3 failed. */
const CHANGE_DONE = '2';
const CHANGE_FAILED = '3';

/** An unsigned number in groups of seven bits, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** `DmpData { repeated IdItem idList = 1 }`, `IdItem { DataType dataType = 2; string id = 3 }`. */
function lineOf(dataType: number, hashes: readonly string[]): string {
  const items = hashes.map((hash) => {
    const id = Buffer.from(hash);
    const item = Buffer.concat([Buffer.from([0x10, dataType, 0x1a, ...varint(id.length)]), id]);
    return Buffer.concat([Buffer.from([0x0a, ...varint(item.length)]), item]);
  });
  return Buffer.concat(items).toString('base64');
}

export function oceanengineAudiences(settings: ConnectionSettings<'oceanengine'>, now: () => Date): AudienceNetwork {
  const http = httpClient(settings.timeoutMs);
  const base = `${settings.baseUrl ?? 'https://ad.oceanengine.com'}/open_api/2/dmp`;
  const advertiserId = Number(settings.advertiserId);
  const call = async (request: Omit<HttpCall, 'url'> & { readonly path: string }) =>
    codedData(
      await http.exchange({
        url: `${base}${request.path}`,
        method: request.method,
        headers: { ...request.headers, 'access-token': settings.accessToken },
        body: request.body,
      }),
      CODES,
      now(),
    );
  const post = (path: string, body: object) =>
    call({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ advertiser_id: advertiserId, ...body }),
    });
  const upload = (name: string, lines: readonly string[]) => {
    const bytes = zipSync({ [`${name}.txt`]: strToU8(lines.join('\n')) });
    const form = formOf(
      `rekindle-${name}`,
      {
        advertiser_id: settings.advertiserId,
        file_signature: createHash('md5').update(bytes).digest('hex'),
      },
      { name: `${name}.zip`, bytes },
    );
    return call({
      path: '/data_source/file/upload/',
      method: 'POST',
      headers: { 'content-type': form.contentType },
      body: form.body,
    });
  };
  const source = { data_format: 0, file_storage_type: 0 };
  return {
    identifiers: (person) => mainlandIdentifiers(person, settings.identifiers),
    apply: async ({ remoteId, name, action, batchId, rows }) => {
      const uploadedPaths: string[] = [];
      for (const kind of MAINLAND_KINDS) {
        const hashes = [...new Set(rows.flatMap((row) => valuesOf(row, kind)))];
        const { oceanengine: dataType } = MAINLAND_IDENTIFIERS[kind];
        if (dataType === undefined || hashes.length === 0) continue;
        const lines = Array.from({ length: Math.ceil(hashes.length / IDS_PER_LINE_MAX) }, (_, at) =>
          lineOf(dataType, hashes.slice(at * IDS_PER_LINE_MAX, (at + 1) * IDS_PER_LINE_MAX)),
        );
        const uploaded = await upload(`${batchId}-${kind}`, lines);
        // A file that nothing refers to adds nobody.
        if (!uploaded.ok)
          return {
            outcome:
              uploaded.refusal.kind === 'unknown'
                ? { kind: 'unavailable', detail: `upload: ${uploaded.refusal.detail}` }
                : uploaded.refusal,
          };
        const file = uploadedSchema.safeParse(uploaded.data);
        if (!file.success) return { outcome: { kind: 'unavailable', detail: 'uploaded without a path' } };
        uploadedPaths.push(file.data.file_path);
      }
      const paths = { file_paths: uploadedPaths };
      const open = (sourceId: string): Applied => ({
        outcome: { kind: 'sent', providerId: `${sourceId} ${uploadedPaths[0] ?? ''}`, response: 'code 0' },
        isOpen: true,
      });
      if (remoteId === undefined) {
        const made = await post('/data_source/create/', {
          data_source_name: name.slice(0, NAME_MAX),
          description: name.slice(0, 256),
          data_source_type: 'UID',
          ...source,
          ...paths,
        });
        if (!made.ok) return { outcome: made.refusal };
        const created = createdSchema.safeParse(made.data);
        return created.success
          ? { ...open(created.data.data_source_id), remoteId: created.data.data_source_id }
          : { outcome: { kind: 'unknown', detail: 'created without an id' } };
      }
      const updated = await post('/data_source/update/', {
        data_source_id: remoteId,
        operation_type: action === 'add' ? 1 : 2,
        ...source,
        ...paths,
      });
      return updated.ok ? open(remoteId) : { outcome: updated.refusal };
    },
    fateOf: async (providerId) => {
      const [sourceId = '', path = ''] = providerId.split(' ');
      const query = new URLSearchParams({
        advertiser_id: settings.advertiserId,
        data_source_id_list: JSON.stringify([sourceId]),
      });
      const read = await call({ path: `/data_source/read/?${query.toString()}`, method: 'GET', headers: {}, body: '' });
      if (!read.ok) return { kind: 'processing', unheard: undone(read.refusal) };
      const found = readSchema.safeParse(read.data).data?.data_list[0];
      const change = found?.change_logs?.find(({ file_paths: paths }) => paths?.includes(path));
      if (change?.status === CHANGE_FAILED)
        return { kind: 'failed', code: 'change_failed', detail: `${path} could not be worked on` };
      const audienceId = found?.default_audience?.custom_audience_id;
      if (change?.status !== CHANGE_DONE || audienceId === undefined) return { kind: 'processing' };
      if ((found?.latest_published_changelog_id ?? -1) >= (change.change_log_id ?? Infinity)) return { kind: 'done' };
      const published = await post('/custom_audience/publish/', { custom_audience_id: audienceId });
      return published.ok ? { kind: 'done' } : { kind: 'processing', unheard: undone(published.refusal) };
    },
  };
}
