// 巨量引擎: a data source is made of uploaded files, added to and taken from by more files. They are worked on for a while, and take effect when the audience
// of the source is published after that; so a call stays open until then. A line of a file is a protobuf message in base64, and a file holds one kind
// of identifier. Making a source has no key of ours and no look-up by name, so its description bears the id of the batch it is made of: where the answer
// never came, the sources of the account's audiences (`custom_audience/select`, then `data_source/read`; both as the client library
// `bububa/oceanengine` writes them down) are looked through for it before another is made.
import { createHash } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import { z } from 'zod';
import { deferral, httpClient, type HttpCall } from '../../channels/http/exchange.ts';
import type { ConnectionSettings } from '../../connections/connections.ts';
import { valuesOf } from '../identifiers.ts';
import { MAINLAND_IDENTIFIERS, MAINLAND_KINDS, mainlandIdentifiers } from '../mainland-identifiers.ts';
import type { Applied, ApplyCall, AudienceNetwork } from '../network.ts';
import { codedData, formOf, undone, type CodeTable, type Refusal } from './answers.ts';

const CODES: CodeTable = {
  later: new Set([50_000, 61_002]),
  slower: new Set([40_100, 40_110]),
  account: new Set([40_001, 40_002, 40_102, 40_103, 40_104, 40_105]),
};
const IDS_PER_LINE_MAX = 10_000;
const NAME_MAX = 30;
const DESCRIPTION_MAX = 256;
/** Of audiences in one answer of their list, of sources in one question, and of pages at most. */
const LISTED_MAX = 100;
const READ_MAX = 400;
const PAGES_MAX = 100;
/** What they have made is shown when it has been worked on. */
const LOOK_AGAIN_SECONDS = 3_600;

const uploadedSchema = z.looseObject({ file_path: z.string().min(1) });
const createdSchema = z.looseObject({ data_source_id: z.string().min(1) });
const enumSchema = z.union([z.number(), z.string()]).transform(String);
const readSchema = z.looseObject({
  data_list: z.array(
    z.looseObject({
      data_source_id: z.string().optional(),
      description: z.string().optional(),
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
const listedSchema = z.looseObject({
  custom_audience_list: z.array(z.looseObject({ data_source_id: z.string().nullish() })).nullish(),
  total_num: z.number().default(0),
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
  const get = (path: string, query: Readonly<Record<string, string>>) =>
    call({
      path: `${path}?${new URLSearchParams({ advertiser_id: settings.advertiserId, ...query }).toString()}`,
      method: 'GET',
      headers: {},
      body: '',
    });
  const readSources = async (ids: readonly string[]) => {
    const read = await get('/data_source/read/', { data_source_id_list: JSON.stringify(ids) });
    return read.ok ? { ok: true as const, sources: readSchema.safeParse(read.data).data?.data_list ?? [] } : read;
  };
  /** The source that one of these batches made; undefined where they show none, or why it cannot be heard. */
  const madeBy = async (batchIds: readonly string[]): Promise<string | undefined | { readonly unheard: Refusal }> => {
    const ids = new Set<string>();
    for (let page = 0; page < PAGES_MAX; page++) {
      const offset = page * LISTED_MAX;
      const listed = await get('/custom_audience/select/', {
        select_type: '0',
        offset: String(offset),
        limit: String(LISTED_MAX),
      });
      if (!listed.ok) return { unheard: undone(listed.refusal) };
      const said = listedSchema.safeParse(listed.data);
      if (!said.success) return { unheard: { kind: 'unavailable', detail: 'a list of audiences without a meaning' } };
      for (const { data_source_id: id } of said.data.custom_audience_list ?? [])
        if (id !== undefined && id !== null && id !== '') ids.add(id);
      if (offset + LISTED_MAX >= said.data.total_num) break;
    }
    const all = [...ids];
    for (let at = 0; at < all.length; at += READ_MAX) {
      const read = await readSources(all.slice(at, at + READ_MAX));
      if (!read.ok) return { unheard: undone(read.refusal) };
      const found = read.sources.find(({ description }) => batchIds.some((id) => description?.includes(id) === true));
      if (found?.data_source_id !== undefined) return found.data_source_id;
    }
    return undefined;
  };
  const source = { data_format: 0, file_storage_type: 0 };
  const applyTo = async (
    remoteId: string | undefined,
    { name, action, batchId, rows }: ApplyCall,
  ): Promise<Applied> => {
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
        description: `${name} ${batchId}`.slice(0, DESCRIPTION_MAX),
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
  };
  return {
    identifiers: (person) => mainlandIdentifiers(person, settings.identifiers),
    apply: async (given) => {
      const { remoteId: known, action, batchId, unanswered } = given;
      let remoteId = known;
      if (known === undefined && unanswered !== undefined && unanswered.batchIds.length > 0) {
        const made = await madeBy(unanswered.batchIds);
        if (typeof made === 'object') return { outcome: made.unheard };
        remoteId = made;
        if (made === undefined && unanswered.isRecent)
          return {
            outcome: deferral(
              'creation_unknown',
              'a data source may have been made, and is not shown yet',
              LOOK_AGAIN_SECONDS,
            ),
          };
      }
      // Nobody is in what was never made; to make it of those who are to leave would put them in.
      if (remoteId === undefined && action === 'remove')
        return { outcome: { kind: 'sent', providerId: batchId, response: 'nothing was made, so nobody is in it' } };
      const applied = await applyTo(remoteId, given);
      return remoteId === undefined ? applied : { ...applied, remoteId };
    },
    fateOf: async (providerId) => {
      const [sourceId = '', path = ''] = providerId.split(' ');
      const read = await readSources([sourceId]);
      if (!read.ok) return { kind: 'processing', unheard: undone(read.refusal) };
      const [found] = read.sources;
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
