// Ad networks against local servers that check each request as the real ones would: what is hashed is hashed, required fields and limits are held,
// files are opened, refusals are the documented codes.
import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { strFromU8, unzipSync } from 'fflate';
import { decodeJwt } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { googleAudiences } from '../../src/reach/audiences/networks/google.ts';
import { metaAudiences } from '../../src/reach/audiences/networks/meta.ts';
import { oceanengineAudiences } from '../../src/reach/audiences/networks/oceanengine.ts';
import { tencentAudiences } from '../../src/reach/audiences/networks/tencent-ads.ts';
import { tiktokAudiences } from '../../src/reach/audiences/networks/tiktok.ts';
import { NETWORKS, type Applied, type AudienceNetwork, type NetworkKey } from '../../src/reach/audiences/network.ts';
import { parseConnection } from '../../src/reach/connections/connections.ts';
import { startFakeServer, type FakeAnswer, type FakeServer, type SeenRequest } from './channel.contract.ts';

const NOW = new Date('2026-03-02T04:00:00.000Z');
const now = (): Date => NOW;
const TOKEN = 'the-access-token';
const json = (status: number, body: unknown): FakeAnswer => ({ status, body: JSON.stringify(body) });
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const PEOPLE = [
  { personId: 'ada', email: 'Ada.L@gmail.com', phone: '+8613800138000' },
  { personId: 'bob', email: undefined, phone: '+8613800138001' },
  { personId: 'cyd', email: ' Cyd+News@Example.COM ', phone: undefined },
  { personId: 'dan', email: undefined, phone: '+390612345678' },
];
const HEX = /^[0-9a-f]{64}$/;
/** The form's parts; the body is read as latin1 would be, so files are taken from `raw`. */
const partsOf = (request: SeenRequest): ReadonlyMap<string, string> => {
  const boundary = /boundary=(.+)$/.exec(request.headers['content-type'] ?? '')?.[1] ?? '';
  return new Map(
    request.body.split(`--${boundary}`).flatMap((part) => {
      const [head = '', ...rest] = part.split('\r\n\r\n');
      const name = /name="([^"]+)"/.exec(head)?.[1];
      return name === undefined ? [] : [[name, rest.join('\r\n\r\n').replace(/\r\n$/, '')] as const];
    }),
  );
};

type Fake = { readonly held: Set<string>; code: number; readonly answer: (request: SeenRequest) => FakeAnswer };

function metaFake(): Fake {
  const fake: Fake = {
    held: new Set(),
    code: 0,
    answer: (request) => {
      const form = new URLSearchParams(request.body);
      const refuse = (code: number, message: string): FakeAnswer =>
        json(400, { error: { message, type: 'OAuthException', code } });
      if (form.get('access_token') !== TOKEN) return refuse(190, 'Invalid OAuth access token');
      if (form.get('appsecret_proof') !== createHmac('sha256', 'app-secret').update(TOKEN).digest('hex'))
        return refuse(100, 'Invalid appsecret_proof');
      if (fake.code !== 0) return refuse(fake.code, 'refused');
      if (request.path === '/v24.0/act_77/customaudiences')
        return form.get('subtype') === 'CUSTOM' && form.get('customer_file_source') !== null
          ? json(200, { id: 'A1' })
          : refuse(100, 'Invalid parameter');
      if (request.path !== '/v24.0/A1/users') return refuse(100, 'Unsupported request');
      const payload = JSON.parse(form.get('payload') ?? '{}') as { schema: string[]; data: string[][] };
      const isWrong = (cell: string): boolean => cell !== '' && !HEX.test(cell);
      if (
        payload.data.length > 10_000 ||
        payload.data.some((row) => row.length !== payload.schema.length || row.some(isWrong))
      )
        return refuse(100, 'Invalid parameter');
      for (const cell of payload.data.flat().filter((each) => each !== ''))
        if (request.method === 'DELETE') fake.held.delete(cell);
        else fake.held.add(cell);
      return json(200, {
        audience_id: 'A1',
        session_id: '9',
        num_received: payload.data.length,
        num_invalid_entries: 0,
      });
    },
  };
  return fake;
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** As `requestStatus.retrieve` documents them: 64-bit counts are texts, errors have a reason each. */
const GOOGLE_STATUSES: Readonly<Record<string, object>> = {
  done: { requestStatus: 'SUCCESS', audienceMembersIngestionStatus: { userDataIngestionStatus: { recordCount: '2' } } },
  working: { requestStatus: 'PROCESSING' },
  unheard: { requestStatus: 'REQUEST_STATUS_UNKNOWN' },
  some: {
    requestStatus: 'PARTIAL_SUCCESS',
    errorInfo: { errorCounts: [{ recordCount: '3', reason: 'PROCESSING_ERROR_REASON_INVALID_FORMAT' }] },
  },
  none: {
    requestStatus: 'FAILED',
    errorInfo: {
      errorCounts: [
        { recordCount: '2', reason: 'PROCESSING_ERROR_REASON_DENIED_CONSENT' },
        { recordCount: '1', reason: 'PROCESSING_ERROR_REASON_INTERNAL_ERROR' },
      ],
    },
  },
};

function googleFake(): Fake {
  const fake: Fake = {
    held: new Set(),
    code: 0,
    answer: (request) => {
      if (request.path === '/token') {
        const claims = decodeJwt(new URLSearchParams(request.body).get('assertion') ?? '');
        return claims['scope'] === 'https://www.googleapis.com/auth/datamanager' && claims.iss === 'svc@x'
          ? json(200, { access_token: TOKEN, expires_in: 3_600 })
          : json(400, { error: 'invalid_scope' });
      }
      const refuse = (status: number, word: string): FakeAnswer =>
        json(status, { error: { code: status, status: word, message: word } });
      if (request.headers['authorization'] !== `Bearer ${TOKEN}`) return refuse(401, 'UNAUTHENTICATED');
      if (fake.code !== 0) return refuse(fake.code, fake.code === 429 ? 'RESOURCE_EXHAUSTED' : 'INVALID_ARGUMENT');
      const body = (request.body === '' ? {} : JSON.parse(request.body)) as {
        destinations: { operatingAccount: { accountType: string; accountId: string }; productDestinationId: string }[];
        audienceMembers: { userData: { userIdentifiers: Record<string, string>[] } }[];
        consent?: { adUserData: string; adPersonalization: string };
        encoding: string;
        termsOfService?: { customerMatchTermsOfServiceStatus: string };
      };
      if (request.path === '/v1/requestStatus:retrieve') {
        const id = request.query.get('requestId');
        if (request.method !== 'GET' || request.body !== '' || id === null) return refuse(400, 'INVALID_ARGUMENT');
        const status = GOOGLE_STATUSES[id];
        return status === undefined
          ? refuse(404, 'NOT_FOUND')
          : json(200, { requestStatusPerDestination: [{ destination: {}, ...status }] });
      }
      const isIngest = request.path === '/v1/audienceMembers:ingest';
      if (!isIngest && request.path !== '/v1/audienceMembers:remove') return refuse(404, 'NOT_FOUND');
      const [destination] = body.destinations;
      if (
        destination?.operatingAccount.accountType !== 'GOOGLE_ADS' ||
        destination.productDestinationId !== 'A1' ||
        body.encoding !== 'HEX'
      )
        return refuse(400, 'INVALID_ARGUMENT');
      if (
        isIngest &&
        (body.consent?.adUserData !== 'CONSENT_GRANTED' ||
          body.termsOfService?.customerMatchTermsOfServiceStatus !== 'ACCEPTED')
      )
        return refuse(400, 'INVALID_ARGUMENT');
      const members = body.audienceMembers.map(({ userData }) =>
        userData.userIdentifiers.flatMap((each) => Object.values(each)),
      );
      if (
        members.length > 10_000 ||
        members.some((ids) => ids.length === 0 || ids.length > 10 || ids.some((id) => !HEX.test(id)))
      )
        return refuse(400, 'INVALID_ARGUMENT');
      for (const id of members.flat())
        if (isIngest) fake.held.add(id);
        else fake.held.delete(id);
      return json(200, { requestId: 'req-1' });
    },
  };
  return fake;
}

function tiktokFake(): Fake {
  const fake: Fake = {
    held: new Set(),
    code: 0,
    answer: (request) => {
      const say = (code: number, data: object = {}): FakeAnswer =>
        json(200, { code, message: code === 0 ? 'OK' : 'refused', data });
      if (request.headers['access-token'] !== TOKEN) return say(40_105);
      if (fake.code !== 0) return say(fake.code);
      const body = JSON.parse(request.body) as Record<string, unknown>;
      if (request.path === '/open_api/v1.3/segment/audience/')
        return body['advertiser_id'] === '77' && body['action'] === 'create'
          ? say(0, { audience_id: 'A1' })
          : say(40_002);
      if (request.path !== '/open_api/v1.3/segment/mapping/') return say(40_000);
      const rows = body['batch_data'] as { id?: string; audience_ids?: string[] }[][];
      const schema = body['id_schema'] as string[];
      if (!['add', 'delete'].includes(String(body['action'])) || rows.length > 10_000) return say(40_002);
      for (const cell of rows.flat()) {
        if (rows.some((row) => row.length !== schema.length)) return say(40_002);
        if (cell.id === undefined) continue;
        if (!HEX.test(cell.id) || cell.audience_ids?.[0] !== 'A1') return say(40_002);
        if (body['action'] === 'add') fake.held.add(cell.id);
        else fake.held.delete(cell.id);
      }
      return say(0);
    },
  };
  return fake;
}

/** The hashes of a DmpData message, read by the protobuf wire format: field 1 is an item, its field 2 the type, its field 3 the id. */
/** `DataType` of 巨量's DmpData: IMEI_MD5, IDFA_MD5, MOBILE_HASH_SHA256 and OAID_MD5, and how an id of each looks. */
const DMP_TYPES: Readonly<Record<number, RegExp>> = {
  4: /^[0-9a-f]{32}$/,
  5: /^[0-9a-f]{32}$/,
  6: HEX,
  8: /^[0-9a-f]{32}$/,
};
function idsOfLine(line: string): string[] {
  const bytes = Buffer.from(line, 'base64');
  const ids: string[] = [];
  const types = new Set<number>();
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] !== 0x0a) throw new Error(`field ${bytes[at]}`);
    const length = bytes[at + 1]!;
    const item = bytes.subarray(at + 2, at + 2 + length);
    const looks = DMP_TYPES[item[1]!];
    if (item[0] !== 0x10 || looks === undefined || item[2] !== 0x1a) throw new Error('a type it does not take');
    const id = item.subarray(4, 4 + item[3]!).toString();
    if (!looks.test(id)) throw new Error(`${id} is none of type ${item[1]}`);
    types.add(item[1]!);
    ids.push(id);
    at += 2 + length;
  }
  if (types.size > 1) throw new Error('several kinds in one file');
  return ids;
}

type Change = { readonly id: number; readonly paths: readonly string[]; status: number; readonly apply: () => void };

/** A change is worked on until it has been looked at once; its audience exists when the first is done, and holds what was published last. */
function oceanengineFake(): Fake & { fails: boolean } {
  let uploads = 0;
  let publishedId = -1;
  const files = new Map<string, string[]>();
  const draft = new Set<string>();
  const changes: Change[] = [];
  let description = '';
  const change = (paths: readonly string[], apply: (id: string) => void): void =>
    void changes.push({
      id: changes.length + 1,
      paths,
      status: 1,
      apply: () => paths.flatMap((file) => files.get(file) ?? []).forEach(apply),
    });
  const fake: Fake & { fails: boolean } = {
    held: new Set(),
    code: 0,
    fails: false,
    answer: (request) => {
      const say = (code: number, data: object = {}): FakeAnswer =>
        json(200, { code, message: code === 0 ? 'OK' : 'refused', data });
      if (request.headers['access-token'] !== TOKEN) return say(40_102);
      if (fake.code !== 0) return say(fake.code);
      const path = request.path.replace('/open_api/2/dmp', '');
      if (path === '/data_source/file/upload/') {
        const bytes = fileOf(request);
        if (partsOf(request).get('file_signature') !== createHash('md5').update(bytes).digest('hex'))
          return say(40_000);
        const [text] = Object.values(unzipSync(bytes)).map((each) => strFromU8(each));
        const file = `file-${++uploads}`;
        files.set(file, (text ?? '').split('\n').flatMap(idsOfLine));
        return say(0, { file_path: file });
      }
      if (path === '/data_source/read/') {
        if (request.query.get('data_source_id_list') !== '["A1"]') return say(40_002);
        const shown = changes.map(({ id, paths, status }) => ({ change_log_id: id, status, file_paths: paths }));
        const hasAudience = changes.some(({ status }) => status === 2);
        for (const each of changes.filter(({ status }) => status === 1)) {
          each.status = fake.fails ? 3 : 2;
          if (!fake.fails) each.apply();
        }
        return say(0, {
          data_list: [
            {
              data_source_id: 'A1',
              description,
              change_logs: shown,
              latest_published_changelog_id: publishedId,
              ...(hasAudience ? { default_audience: { custom_audience_id: 5 } } : {}),
            },
          ],
        });
      }
      if (path === '/custom_audience/select/') {
        // An audience is listed when its source has been worked on, among those that have no source.
        const [offset, limit] = ['offset', 'limit'].map((name) => Number(request.query.get(name)));
        if (request.query.get('select_type') !== '0' || limit! < 1 || limit! > 100) return say(40_000);
        const listed = [
          ...Array.from({ length: 130 }, (_, at) => ({ custom_audience_id: 1_000 + at, data_source_id: '' })),
          ...(changes.some(({ status }) => status === 2) ? [{ custom_audience_id: 5, data_source_id: 'A1' }] : []),
        ];
        return say(0, {
          custom_audience_list: listed.slice(offset!, offset! + limit!),
          offset,
          total_num: listed.length,
        });
      }
      const body = JSON.parse(request.body) as {
        description?: string;
        file_paths?: string[];
        operation_type?: number;
        data_source_id?: string;
        advertiser_id: number;
      };
      if (body.advertiser_id !== 77) return say(40_002);
      const paths = body.file_paths ?? [];
      if (path === '/data_source/create/') {
        description = body.description ?? '';
        change(paths, (id) => draft.add(id));
        return say(0, { data_source_id: 'A1' });
      }
      if (path === '/data_source/update/') {
        if (body.data_source_id !== 'A1' || paths.length === 0 || paths.some((file) => !files.has(file)))
          return say(40_000);
        change(paths, body.operation_type === 1 ? (id) => draft.add(id) : (id) => draft.delete(id));
        return say(0);
      }
      if (path !== '/custom_audience/publish/') return say(40_000);
      // Only what is published is in force.
      fake.held.clear();
      for (const id of draft) fake.held.add(id);
      publishedId = Math.max(...changes.filter(({ status }) => status === 2).map(({ id }) => id));
      return say(0);
    },
  };
  return fake;
}

/** Of `user_id_type` in `custom_audience_files/add`, those we send, and how a line of each looks. */
const MD5_HEX = /^[0-9a-f]{32}$/;
const TENCENT_TYPES: Readonly<Record<string, RegExp>> = {
  SHA256_MOBILE_PHONE: HEX,
  HASH_MOBILE_PHONE: MD5_HEX,
  HASH_OAID: MD5_HEX,
  HASH_IMEI: MD5_HEX,
  HASH_IDFA: MD5_HEX,
  WECHAT_OPENID: /^o[\w-]{5,27}$/,
};

type TencentFile = { status: 'PROCESSING' | 'SUCCESS' | 'ERROR'; readonly lines: number; readonly apply: () => void };

/** A file is worked on until it has been looked at once. `invalid` of its lines match nobody; `fails`: it cannot be worked on at all. */
function tencentFake(): Fake & { invalid: number; fails: boolean } {
  const files = new Map<string, TencentFile>();
  const fake: Fake & { invalid: number; fails: boolean } = {
    held: new Set(),
    code: 0,
    invalid: 0,
    fails: false,
    answer: (request) => {
      const say = (code: number, data: object = {}): FakeAnswer =>
        json(200, { code, message: '', message_cn: code === 0 ? '' : '拒绝', data });
      if (request.query.get('access_token') !== TOKEN) return say(11_002);
      const age = Math.abs(Number(request.query.get('timestamp')) - NOW.getTime() / 1000);
      const nonce = request.query.get('nonce') ?? '';
      if (age > 300 || nonce === '' || nonce.length > 32) return say(11_005);
      if (fake.code !== 0) return say(fake.code);
      if (request.path === '/v3.0/custom_audiences/add') {
        const body = JSON.parse(request.body) as { account_id: number; type: string };
        return body.account_id === 77 && body.type === 'CUSTOMER_FILE' ? say(0, { audience_id: 5 }) : say(18_001);
      }
      if (request.path === '/v3.0/custom_audience_files/get') {
        const { query } = request;
        const id = query.get('custom_audience_file_id') ?? '';
        const file = files.get(id);
        if (request.method !== 'GET' || query.get('account_id') !== '77' || query.get('audience_id') !== '5')
          return say(18_001);
        if (file === undefined) return say(0, { list: [] });
        const shown = {
          audience_id: 5,
          custom_audience_file_id: Number(id),
          process_status: file.status,
          process_code: file.status === 'ERROR' ? 3 : 0,
          error_message: file.status === 'ERROR' ? 'empty file' : '',
          line_count: file.lines,
          valid_line_count: file.lines - fake.invalid,
        };
        if (file.status === 'PROCESSING') {
          file.status = fake.fails ? 'ERROR' : 'SUCCESS';
          if (!fake.fails) file.apply();
        }
        return say(0, { list: [shown], page_info: { page: 1, page_size: 10, total_number: 1, total_page: 1 } });
      }
      if (request.path !== '/v3.0/custom_audience_files/add') return say(11_017);
      const form = partsOf(request);
      const bytes = fileOf(request);
      const type = form.get('user_id_type') ?? '';
      const looks = TENCENT_TYPES[type];
      if (
        form.get('account_id') !== '77' ||
        form.get('audience_id') !== '5' ||
        looks === undefined ||
        (type === 'WECHAT_OPENID') !== (form.get('open_app_id') === 'wx1')
      )
        return say(18_001);
      if (bytes.length > 100 * 1024 * 1024) return say(18_001);
      const [text] = Object.values(unzipSync(bytes)).map((each) => strFromU8(each));
      const lines = (text ?? '').split('\n');
      const operation = form.get('operation_type') ?? '';
      if (lines.some((line) => !looks.test(line)) || !['APPEND', 'REDUCE'].includes(operation)) return say(18_001);
      const id = 9 + files.size;
      files.set(String(id), {
        status: 'PROCESSING',
        lines: lines.length,
        apply: () => {
          for (const line of lines)
            if (operation === 'APPEND') fake.held.add(line);
            else fake.held.delete(line);
        },
      });
      return say(0, { custom_audience_file_id: id });
    },
  };
  return fake;
}

/** The bytes of the part `file`. */
function fileOf(request: SeenRequest): Uint8Array {
  const boundary = /boundary=(.+)$/.exec(request.headers['content-type'] ?? '')?.[1] ?? '';
  const start = request.raw.indexOf('\r\n\r\n', request.raw.indexOf('name="file"')) + 4;
  return request.raw.subarray(start, request.raw.indexOf(`\r\n--${boundary}--`, start));
}

const common = { timeoutMs: 400 };
const SUBJECTS: readonly {
  readonly key: NetworkKey;
  readonly fake: () => Fake;
  readonly open: (baseUrl: string) => AudienceNetwork;
  readonly hashes: readonly string[];
  readonly isCall: (request: SeenRequest) => boolean;
  readonly codes: readonly (readonly [number, object])[];
}[] = [
  {
    key: 'meta',
    fake: metaFake,
    open: (baseUrl) =>
      metaAudiences(
        parseConnection('meta', { accessToken: TOKEN, appSecret: 'app-secret', accountId: '77', baseUrl, ...common }),
        now,
      ),
    hashes: [
      sha('ada.l@gmail.com'),
      sha('8613800138000'),
      sha('ada'),
      sha('8613800138001'),
      sha('bob'),
      sha('cyd+news@example.com'),
      sha('cyd'),
      sha('390612345678'),
      sha('dan'),
    ],
    isCall: (request) => request.path.endsWith('/users'),
    codes: [
      [17, { kind: 'deferred', of: 'account', code: '17' }],
      [2, { kind: 'deferred', code: '2' }],
      [190, { kind: 'rejected', class: 'account' }],
      [100, { kind: 'rejected', class: 'content', permanent: false }],
    ],
  },
  {
    key: 'google',
    fake: googleFake,
    open: (baseUrl) =>
      googleAudiences(
        parseConnection('google', {
          serviceAccount: {
            client_email: 'svc@x',
            private_key: PEM,
            private_key_id: 'k',
            token_uri: `${baseUrl}/token`,
          },
          accountId: '77',
          baseUrl,
          ...common,
        }),
        now,
      ),
    hashes: [
      sha('adal@gmail.com'),
      sha('+8613800138000'),
      sha('+8613800138001'),
      sha('cyd+news@example.com'),
      sha('+390612345678'),
    ],
    isCall: (request) => request.path !== '/token',
    codes: [
      [429, { kind: 'deferred', of: 'account', code: 'RESOURCE_EXHAUSTED' }],
      [400, { kind: 'rejected', class: 'content' }],
    ],
  },
  {
    key: 'tiktok',
    fake: tiktokFake,
    open: (baseUrl) =>
      tiktokAudiences(parseConnection('tiktok', { accessToken: TOKEN, advertiserId: '77', baseUrl, ...common }), now),
    hashes: [
      sha('ada.l@gmail.com'),
      sha('+8613800138000'),
      sha('+8613800138001'),
      sha('cyd+news@example.com'),
      sha('+390612345678'),
    ],
    isCall: (request) => request.path.endsWith('/mapping/'),
    codes: [
      [40_100, { kind: 'deferred', of: 'account' }],
      [40_105, { kind: 'rejected', class: 'account' }],
      [40_002, { kind: 'rejected', class: 'content' }],
    ],
  },
  {
    key: 'oceanengine',
    fake: oceanengineFake,
    open: (baseUrl) =>
      oceanengineAudiences(
        parseConnection('oceanengine', { accessToken: TOKEN, advertiserId: '77', baseUrl, ...common }),
        now,
      ),
    hashes: [sha('13800138000'), sha('13800138001')],
    isCall: (request) => /create|update/.test(request.path),
    codes: [
      [40_100, { kind: 'deferred', of: 'account' }],
      [40_102, { kind: 'rejected', class: 'account' }],
    ],
  },
  {
    key: 'tencent_ads',
    fake: tencentFake,
    open: (baseUrl) =>
      tencentAudiences(parseConnection('tencent_ads', { accessToken: TOKEN, accountId: '77', baseUrl, ...common }), {
        now,
        nonce: () => 'n'.repeat(40),
      }),
    hashes: [sha('13800138000'), sha('13800138001')],
    isCall: (request) => request.path.endsWith('/custom_audience_files/add'),
    codes: [
      [11_017, { kind: 'deferred', of: 'account' }],
      [11_002, { kind: 'rejected', class: 'account' }],
    ],
  },
];

describe.each(SUBJECTS)('$key', ({ key, fake: begin, open, hashes, isCall, codes }) => {
  let server: FakeServer;
  afterEach(() => server?.close());
  const started = async (): Promise<{ fake: Fake; network: AudienceNetwork }> => {
    const fake = begin();
    server = await startFakeServer(fake.answer, isCall);
    return { fake, network: open(server.url) };
  };
  // Whom a network knows by nothing has no row: a mailbox and a foreign number are none on the mainland.
  const rows = PEOPLE.map((person) => NETWORKS[key].identifiers(person)).filter((row) => row.length > 0);
  const remoteId = key === 'tencent_ads' ? '5' : 'A1';
  const call = { remoteId, name: 'Neutral', batchId: 'bat_1', rows };

  it('adds people by the hashes of its own spelling, twice is once, and takes out only who is named', async () => {
    const { fake, network } = await started();
    const made = network.create === undefined ? undefined : { kind: 'created', remoteId };
    expect(await network.create?.('Neutral')).toEqual(made);
    /** Some say later what became of a call; it is asked for until they do. */
    const settled = async ({ outcome, isOpen }: Applied): Promise<void> => {
      if (isOpen !== true || key === 'google' || outcome.kind !== 'sent') return;
      let fate = await network.fateOf!(outcome.providerId);
      for (let time = 0; time < 5 && fate.kind === 'processing'; time++)
        fate = await network.fateOf!(outcome.providerId);
      expect(fate).toEqual({ kind: 'done' });
    };
    const first = await network.apply({
      ...call,
      remoteId: key === 'oceanengine' ? undefined : remoteId,
      action: 'add',
    });
    expect(first).toMatchObject({ outcome: { kind: 'sent' } });
    expect(first.remoteId).toBe(key === 'oceanengine' ? remoteId : undefined);
    await settled(first);
    expect([...fake.held].toSorted()).toEqual([...hashes].toSorted());
    const second = await network.apply({ ...call, action: 'add' });
    expect(second).toMatchObject({ outcome: { kind: 'sent' } });
    await settled(second);
    expect([...fake.held].toSorted()).toEqual([...hashes].toSorted());
    const third = await network.apply({ ...call, rows: [rows[0]!], action: 'remove' });
    expect(third).toMatchObject({ outcome: { kind: 'sent' } });
    await settled(third);
    const others = new Set(rows.slice(1).flatMap((row) => row.map((each) => each.split(':')[1])));
    expect([...fake.held].toSorted()).toEqual(hashes.filter((each) => others.has(each)).toSorted());
  });

  it.each(codes)('means by %i', async (code, expected) => {
    const { fake, network } = await started();
    fake.code = code;
    expect((await network.apply({ ...call, action: 'remove' })).outcome).toMatchObject(expected);
  });

  it.each(['silence', 'hang-up', 'half', 'trickle'] as const)('cannot know after %s', async (trouble) => {
    const { network } = await started();
    server.trouble = trouble;
    const { outcome } = await network.apply({ ...call, action: 'add' });
    expect(outcome).toMatchObject({ kind: 'unknown' });
    expect(JSON.stringify(outcome)).not.toContain(TOKEN);
  });

  it('waits at 429, does not believe what it cannot read, and calls a closed door unavailable', async () => {
    const { network } = await started();
    server.trouble = { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' };
    expect((await network.apply({ ...call, action: 'add' })).outcome).toMatchObject({
      kind: 'deferred',
      retryAfterSeconds: 7,
    });
    server.trouble = { status: 200, body: '<html>' };
    expect((await network.apply({ ...call, action: 'add' })).outcome).toMatchObject({ kind: 'unknown' });
    server.trouble = { status: 500, body: 'oops' };
    expect((await network.apply({ ...call, action: 'add' })).outcome).toMatchObject({ kind: 'unknown' });
    await server.close();
    // A fresh one: a kept connection that is closed under us leaves the fate open.
    expect((await open(server.url).apply({ ...call, action: 'add' })).outcome).toMatchObject({ kind: 'unavailable' });
  });
});

describe('Meta, of a call that it could use in part', () => {
  let server: FakeServer;
  afterEach(() => server?.close());

  it('says how many entries were useless, and which of them it names', async () => {
    const named = sha('ada.l@gmail.com');
    const meta = SUBJECTS.find(({ key }) => key === 'meta')!;
    server = await startFakeServer(() =>
      json(200, {
        audience_id: 'A1',
        session_id: '9',
        num_received: 4,
        num_invalid_entries: 2,
        invalid_entry_samples: { '0': [named] },
      }),
    );
    const rows = PEOPLE.map((person) => NETWORKS.meta.identifiers(person));
    const call = { remoteId: 'A1', name: 'Neutral', batchId: 'bat_1', rows, action: 'add' } as const;
    expect(await meta.open(server.url).apply(call)).toMatchObject({
      outcome: { kind: 'sent', response: '4 received, 2 invalid' },
      failed: '2 of 4 invalid',
      refused: [`email:${named}`],
    });
  });
});

describe('Google Data Manager, asked what became of a request', () => {
  let server: FakeServer;
  afterEach(() => server?.close());
  const google = SUBJECTS.find(({ key }) => key === 'google')!;

  it.each([
    ['done', { kind: 'done' }],
    ['working', { kind: 'processing' }],
    ['unheard', { kind: 'processing' }],
    ['some', { kind: 'done', failed: '3 INVALID_FORMAT' }],
    ['none', { kind: 'failed', code: 'DENIED_CONSENT', detail: '2 DENIED_CONSENT, 1 INTERNAL_ERROR' }],
    ['never-heard-of', { kind: 'processing' }],
  ] as const)('%s', async (requestId, fate) => {
    server = await startFakeServer(google.fake().answer, google.isCall);
    const network = google.open(server.url);
    expect(await network.fateOf!(requestId)).toEqual(fate);
    const [asked] = server.seen.filter(({ path }) => path === '/v1/requestStatus:retrieve');
    expect(asked).toMatchObject({ method: 'GET' });
  });

  it('leaves a call open until then, and an answer that cannot be heard too', async () => {
    server = await startFakeServer(google.fake().answer, google.isCall);
    const network = google.open(server.url);
    const rows = [NETWORKS.google.identifiers(PEOPLE[0]!)];
    const call = { remoteId: 'A1', name: 'Neutral', batchId: 'bat_1', rows, action: 'add' } as const;
    expect(await network.apply(call)).toMatchObject({ outcome: { kind: 'sent', providerId: 'req-1' }, isOpen: true });
    for (const trouble of ['silence', 'hang-up', 'half'] as const) {
      server.trouble = trouble;
      // Asking has done nothing that could be unknown.
      expect(await network.fateOf!('done')).toMatchObject({ kind: 'processing', unheard: { kind: 'unavailable' } });
    }
    server.trouble = { status: 429, headers: { 'retry-after': '7' }, body: '' };
    expect(await network.fateOf!('done')).toMatchObject({ unheard: { kind: 'deferred', retryAfterSeconds: 7 } });
  });
});

describe('巨量, asked what became of a change', () => {
  let server: FakeServer;
  afterEach(() => server?.close());
  const oceanengine = SUBJECTS.find(({ key }) => key === 'oceanengine')!;
  const rows = [NETWORKS.oceanengine.identifiers(PEOPLE[0]!)];
  const call = { remoteId: undefined, name: 'Neutral', batchId: 'bat_1', rows, action: 'add' } as const;

  it('publishes when it is worked on, once for all that is done, and nothing is in force before', async () => {
    const fake = oceanengineFake();
    server = await startFakeServer(fake.answer, oceanengine.isCall);
    const network = oceanengine.open(server.url);
    const { outcome } = await network.apply(call);
    const removal = await network.apply({ ...call, remoteId: 'A1', action: 'remove' });
    const [added, removed] = [outcome, removal.outcome].map((each) => (each.kind === 'sent' ? each.providerId : ''));
    expect(await network.fateOf!(added!)).toEqual({ kind: 'processing' });
    expect(await network.fateOf!('A1 never-heard-of')).toEqual({ kind: 'processing' });
    expect(await network.fateOf!(added!)).toEqual({ kind: 'done' });
    expect(await network.fateOf!(removed!)).toEqual({ kind: 'done' });
    expect(server.seen.filter(({ path }) => path.endsWith('/publish/'))).toHaveLength(1);
    expect([...fake.held]).toEqual([]);
  });

  it('finds a source whose making was never answered, and makes no second one meanwhile', async () => {
    const fake = oceanengineFake();
    server = await startFakeServer(fake.answer, ({ path }) => path.endsWith('/data_source/create/'));
    const network = oceanengine.open(server.url);
    const made = () => server.seen.filter(({ path }) => path.endsWith('/data_source/create/')).length;
    server.trouble = 'hang-up';
    expect(await network.apply({ ...call, unanswered: { batchIds: [], isRecent: false } })).toMatchObject({
      outcome: { kind: 'unknown' },
    });
    server.trouble = 'none';
    const unanswered = { batchIds: ['bat_0', 'bat_1'], isRecent: true };
    const again = { ...call, batchId: 'bat_2', unanswered };
    // It is there, and its audience is not shown yet: neither somebody to add nor somebody to take out makes another.
    for (const action of ['add', 'remove'] as const)
      expect(await network.apply({ ...again, action })).toEqual({
        outcome: expect.objectContaining({ kind: 'deferred', code: 'creation_unknown', retryAfterSeconds: 3_600 }),
      });
    expect(made()).toBe(1);
    // Worked on, it is found by the batch that its description bears, and used.
    await network.fateOf!('A1 file-1');
    expect(await network.apply(again)).toMatchObject({
      outcome: { kind: 'sent', providerId: 'A1 file-2' },
      remoteId: 'A1',
      isOpen: true,
    });
    expect(made()).toBe(1);
    // A list that cannot be heard is no reason to make one.
    fake.code = 50_000;
    expect(await network.apply(again)).toMatchObject({ outcome: { kind: 'deferred', code: '50000' } });
    fake.code = 0;
    // Where nothing of ours is shown after a day, it is made; of another's source nothing is taken.
    const others = { batchIds: ['bat_9'], isRecent: false };
    expect(await network.apply({ ...again, unanswered: others })).toMatchObject({ remoteId: 'A1' });
    expect(made()).toBe(2);
  });

  it('does not make an audience of somebody who is to leave it', async () => {
    const fake = oceanengineFake();
    server = await startFakeServer(fake.answer);
    const network = oceanengine.open(server.url);
    expect(await network.apply({ ...call, action: 'remove' })).toMatchObject({ outcome: { kind: 'sent' } });
    expect(server.seen).toEqual([]);
  });

  it('says that a change failed, and what it could not hear', async () => {
    const fake = oceanengineFake();
    server = await startFakeServer(fake.answer, () => true);
    const network = oceanengine.open(server.url);
    fake.fails = true;
    const { outcome } = await network.apply(call);
    const id = outcome.kind === 'sent' ? outcome.providerId : '';
    await network.fateOf!(id);
    expect(await network.fateOf!(id)).toMatchObject({ kind: 'failed', code: 'change_failed' });
    for (const trouble of ['silence', 'hang-up', { status: 500, body: '' }] as const) {
      server.trouble = trouble;
      expect(await network.fateOf!(id)).toMatchObject({ kind: 'processing', unheard: { kind: 'unavailable' } });
    }
    server.trouble = 'none';
    fake.code = 40_105;
    expect(await network.fateOf!(id)).toMatchObject({ unheard: { class: 'account' } });
  });
});

describe('mainland networks, one file for each identifier the account names', () => {
  let server: FakeServer;
  afterEach(() => server?.close());
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const MEI = {
    personId: 'mei',
    email: undefined,
    phone: '+8613800138000',
    oaid: '1fe9a970-efbb-29e0-0bdd-f5dbbf751ab5',
    imei: '86012345678901A',
    idfa: '6d92078a-8246-4ba4-ae5b-76104861e7dc',
    openids: { wx1: 'oMei0001', wx2: 'oMei0002' },
  };
  const uploads = (): readonly string[] =>
    server.seen.flatMap((request) => {
      const name = /filename="([^"]+)"/.exec(request.body)?.[1];
      return name === undefined ? [] : [name];
    });

  it('腾讯: types, openids of their app, names and the order of files', async () => {
    const fake = tencentFake();
    server = await startFakeServer(fake.answer);
    const identifiers = ['phone', 'phone_md5', 'oaid_md5', 'imei_md5', 'idfa_md5', 'openid'];
    const network = tencentAudiences(
      parseConnection('tencent_ads', {
        accessToken: TOKEN,
        accountId: '77',
        identifiers,
        openAppId: 'wx1',
        baseUrl: server.url,
        ...common,
      }),
      { now, nonce: () => 'n' },
    );
    const rows = [
      network.identifiers!(MEI),
      network.identifiers!({
        ...MEI,
        phone: '+14155550100',
        oaid: '0000-0000',
        imei: undefined,
        idfa: undefined,
        openids: {},
      }),
    ];
    expect(rows[1]).toEqual([]);
    const call = { remoteId: '5', name: 'Neutral', batchId: 'bat_1', rows };
    expect(await network.apply({ ...call, action: 'add' })).toMatchObject({
      outcome: { kind: 'sent', providerId: '5 9,10,11,12,13,14' },
      isOpen: true,
    });
    /** Each file is looked at twice: first it is worked on. */
    const worked = async (id: string): Promise<void> => {
      for (const file of id.split(',')) {
        expect(await network.fateOf!(`5 ${file}`)).toEqual({ kind: 'processing' });
        expect(await network.fateOf!(`5 ${file}`)).toEqual({ kind: 'done' });
      }
    };
    await worked('9,10,11,12,13,14');
    fake.invalid = 1;
    expect(await network.fateOf!('5 9,10,11,12,13,14')).toEqual({ kind: 'done', failed: '6 of 6 lines invalid' });
    fake.invalid = 0;
    const expected = [
      sha('13800138000'),
      md5('13800138000'),
      md5(MEI.oaid),
      md5('86012345678901a'),
      md5('6D92078A-8246-4BA4-AE5B-76104861E7DC'),
      'oMei0001',
    ];
    expect([...fake.held]).toEqual(expected);
    expect(uploads()).toEqual(identifiers.map((kind) => `bat_1-${kind}.zip`));
    await network.apply({ ...call, action: 'remove' });
    await worked('15,16,17,18,19,20');
    expect([...fake.held]).toEqual([]);
    // A file that cannot be worked on fails its whole call; what nobody knows is waited for.
    fake.fails = true;
    await network.apply({ ...call, action: 'add' });
    await network.fateOf!('5 21');
    expect(await network.fateOf!('5 9,21')).toEqual({ kind: 'failed', code: '3', detail: 'file 21: empty file' });
    expect(await network.fateOf!('5 999')).toEqual({ kind: 'processing' });
    for (const trouble of ['silence', 'hang-up', { status: 500, body: '' }] as const) {
      server.trouble = trouble;
      expect(await network.fateOf!('5 9')).toMatchObject({ kind: 'processing', unheard: { kind: 'unavailable' } });
    }
    server.trouble = 'none';
    fake.code = 11_017;
    expect(await network.fateOf!('5 9')).toMatchObject({ unheard: { kind: 'deferred', of: 'account' } });
  });

  it('腾讯: once a file of a batch has gone, a refusal of the next is no certainty', async () => {
    const fake = tencentFake();
    let files = 0;
    server = await startFakeServer((request) => {
      if (request.path.endsWith('/custom_audience_files/add') && ++files === 2) fake.code = 18_001;
      return fake.answer(request);
    });
    const network = tencentAudiences(
      parseConnection('tencent_ads', {
        accessToken: TOKEN,
        accountId: '77',
        identifiers: ['phone', 'oaid_md5'],
        baseUrl: server.url,
        ...common,
      }),
      { now, nonce: () => 'n' },
    );
    const call = {
      remoteId: '5',
      name: 'Neutral',
      batchId: 'bat_1',
      rows: [network.identifiers!(MEI)],
      action: 'add',
    } as const;
    expect(await network.apply(call)).toMatchObject({
      outcome: { kind: 'unknown', detail: expect.stringContaining('oaid_md5') as string },
    });
    // From the beginning refused, it is certain.
    expect(await network.apply(call)).toMatchObject({ outcome: { kind: 'rejected', code: '18001' } });
  });

  it('巨量: a file of its own type for each, all in one data source', async () => {
    const fake = oceanengineFake();
    server = await startFakeServer(fake.answer);
    const identifiers = ['phone', 'oaid_md5', 'imei_md5', 'idfa_md5'];
    const network = oceanengineAudiences(
      parseConnection('oceanengine', {
        accessToken: TOKEN,
        advertiserId: '77',
        identifiers,
        baseUrl: server.url,
        ...common,
      }),
      now,
    );
    const rows = [network.identifiers!(MEI)];
    const call = { name: 'Neutral', batchId: 'bat_1', rows };
    const settled = async ({ outcome }: Applied): Promise<void> => {
      const id = outcome.kind === 'sent' ? outcome.providerId : '';
      await network.fateOf!(id);
      expect(await network.fateOf!(id)).toEqual({ kind: 'done' });
    };
    const added = await network.apply({ ...call, remoteId: undefined, action: 'add' });
    expect(added).toMatchObject({ outcome: { kind: 'sent' }, remoteId: 'A1' });
    await settled(added);
    expect([...fake.held]).toEqual([
      sha('13800138000'),
      md5(MEI.oaid),
      md5('86012345678901a'),
      md5(MEI.idfa.toUpperCase()),
    ]);
    expect(uploads()).toEqual(identifiers.map((kind) => `bat_1-${kind}.zip`));
    await settled(await network.apply({ ...call, remoteId: 'A1', action: 'remove' }));
    expect([...fake.held]).toEqual([]);
  });

  it('takes no identifier it does not know, no openid without its app, and an IMEI only when it is named', () => {
    const account = { accessToken: TOKEN, accountId: '77' };
    expect(() => parseConnection('tencent_ads', { ...account, identifiers: ['mac'] })).toThrow(/identifiers/);
    expect(() => parseConnection('tencent_ads', { ...account, identifiers: ['openid'] })).toThrow(/name it/);
    expect(() =>
      parseConnection('oceanengine', { accessToken: TOKEN, advertiserId: '77', identifiers: ['openid'] }),
    ).toThrow(/identifiers/);
    const network = tencentAudiences(parseConnection('tencent_ads', account), { now, nonce: () => 'n' });
    expect(network.identifiers!(MEI)).toEqual([`phone:${sha('13800138000')}`]);
  });
});
