// A ClickHouse HTTP interface in front of chDB, so that the client's network path is real in tests: bound parameters, settings,
// databases, gzip both ways, streamed inserts, exceptions. Run it as a process of its own (chDB binds one data folder per process):
//   node test/support/clickhouse-front.ts --port 0 --data DIR      prints its URL and ends when its standard input closes.
// It differs from a server in three ways: no users, a session is a request, and `file('/path')` reads this machine's files.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { Session } from 'chdb';
import { parameterTypes, parameterValue } from './clickhouse-parameters.ts';

const SESSIONS = 4;
const BODY_BYTES_MAX = 512 * 1024 * 1024;

/** Query-string keys that are the interface's own; every other key is an engine setting, as in ClickHouse. */
const INTERFACE_KEYS = new Set([
  'query',
  'database',
  'default_format',
  'query_id',
  'session_id',
  'session_timeout',
  'session_check',
  'role',
  'user',
  'password',
  'quota_key',
  'compress',
  'decompress',
  'wait_end_of_query',
  'buffer_size',
  'enable_http_compression',
  'http_zlib_compression_level',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_response_buffer_size',
  'http_native_compression_disable_checksumming_on_decompress',
]);
const BINARY_FORMATS = /^(?:Parquet|Arrow|ArrowStream|ORC|Native|Avro|RowBinary\w*|MsgPack|Npy)$/i;

/** Statuses ClickHouse gives to its exception codes (src/Server/HTTP/exceptionCodeToHTTPStatus.cpp); 500 for the rest. */
const STATUS_OF_CODE: Readonly<Record<number, number>> = {
  6: 400, // CANNOT_PARSE_TEXT
  27: 400, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  41: 400, // CANNOT_PARSE_DATETIME
  43: 400, // ILLEGAL_TYPE_OF_ARGUMENT
  46: 404, // UNKNOWN_FUNCTION
  47: 404, // UNKNOWN_IDENTIFIER
  50: 404, // UNKNOWN_TYPE
  53: 400, // TYPE_MISMATCH
  60: 404, // UNKNOWN_TABLE
  62: 400, // SYNTAX_ERROR
  72: 400, // CANNOT_PARSE_NUMBER
  81: 404, // UNKNOWN_DATABASE
  115: 404, // UNKNOWN_SETTING
  456: 400, // UNKNOWN_QUERY_PARAMETER
  457: 400, // BAD_QUERY_PARAMETER
};

const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const plainName = (name: string): string => {
  if (!/^\w+$/.test(name)) throw new Error(`Code: 62. DB::Exception: not a plain name: ${name}. (SYNTAX_ERROR)`);
  return name;
};

/** One engine session that forgets a request's settings before the next request runs on it. */
class RequestSession {
  readonly #session: Session;
  constructor(folder: string) {
    this.#session = new Session(folder);
  }
  async run(request: ClickhouseRequest): Promise<{ readonly bytes: Uint8Array; readonly rows: number }> {
    const prefix = [
      ...Object.entries(request.settings).map(([name, value]) => `SET ${plainName(name)} = ${literal(value)}`),
      `USE ${plainName(request.database)}`,
    ];
    const text = `${prefix.join('; ')}; ${request.text}`;
    const options = { format: request.format };
    try {
      const result =
        Object.keys(request.params).length === 0
          ? await this.#session.queryAsync(text, options)
          : await this.#session.queryBindAsync(text, request.params, options);
      return { bytes: result.bytes(), rows: result.rowsRead };
    } finally {
      for (const name of Object.keys(request.settings)) {
        // A setting that the engine does not know was refused above, and has nothing to forget.
        await this.#session.queryAsync(`SET ${name} = DEFAULT`).catch(() => undefined);
      }
    }
  }
  close(): void {
    this.#session.close();
  }
}

type ClickhouseRequest = {
  readonly text: string;
  readonly database: string;
  readonly format: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, unknown>>;
  /** Undoes what reading the request left behind. */
  readonly clean: () => void;
};

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const raw = await buffer(request);
  if (raw.length > BODY_BYTES_MAX) throw new Error('Code: 307. DB::Exception: body too large. (TOO_MANY_BYTES)');
  switch (request.headers['content-encoding']) {
    case 'gzip':
      return gunzipSync(raw);
    case 'deflate':
      return inflateSync(raw);
    default:
      return raw;
  }
}

/** Query text and insert data as one statement the engine takes; binary data and `input(…)` go by way of a file. */
function statementOf(query: string, body: Buffer): { readonly text: string; readonly clean: () => void } {
  const clean = (): void => undefined;
  if (query === '') return { text: body.toString('utf8'), clean };
  const insertFormat = /^\s*(?:\/\*[^*]*\*\/\s*)?INSERT\b/i.test(query)
    ? /\bFORMAT\s+(\w+)\s*;?\s*$/i.exec(query)
    : null;
  if (insertFormat === null) return { text: body.length > 0 ? `${query}\n${body.toString('utf8')}` : query, clean };
  if (body.toString('latin1', 0, 1024).trim() === '') return { text: '', clean };
  const format = insertFormat[1] ?? '';
  const head = query.slice(0, insertFormat.index);
  const reads = /\binput\s*\(\s*('(?:[^'\\]|\\.)*')\s*\)/i;
  if (!BINARY_FORMATS.test(format) && !reads.test(head)) return { text: `${query}\n${body.toString('utf8')}`, clean };
  const folder = mkdtempSync(join(tmpdir(), 'clickhouse-front-'));
  const path = join(folder, 'body');
  writeFileSync(path, body);
  const table = (structure: string): string => `file(${literal(path)}, ${literal(format)}${structure})`;
  const text = reads.test(head)
    ? head.replace(reads, (_, structure: string) => table(`, ${structure}`))
    : `${head} SELECT * FROM ${table('')}`;
  return { text, clean: () => rmSync(folder, { recursive: true, force: true }) };
}

async function requestOf(request: IncomingMessage, url: URL): Promise<ClickhouseRequest> {
  const query = url.searchParams.get('query') ?? '';
  const { text, clean } = statementOf(query, await bodyOf(request));
  const settings: Record<string, string> = {};
  const params: Record<string, unknown> = {};
  const types = parameterTypes(text);
  for (const [key, value] of url.searchParams) {
    if (key.startsWith('param_')) params[key.slice(6)] = parameterValue(types.get(key.slice(6)) ?? 'String', value);
    else if (!INTERFACE_KEYS.has(key)) settings[key] = value;
  }
  return {
    text,
    database: url.searchParams.get('database') ?? 'default',
    format: url.searchParams.get('default_format') ?? 'TabSeparated',
    settings,
    params,
    clean,
  };
}

/** Serves the folder on 127.0.0.1; port 0 takes a free one. */
export async function serveClickhouse(
  folder: string,
  port: number,
): Promise<{ url: string; close: () => Promise<void> }> {
  const sessions = Array.from({ length: SESSIONS }, () => new RequestSession(folder));
  const idle = [...sessions];
  const waiting: ((session: RequestSession) => void)[] = [];
  const take = (): Promise<RequestSession> => {
    const session = idle.pop();
    return session ? Promise.resolve(session) : new Promise((resolve) => waiting.push(resolve));
  };
  const give = (session: RequestSession): void => {
    const next = waiting.shift();
    if (next) next(session);
    else idle.push(session);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/ping' || (url.pathname === '/' && request.method === 'GET' && url.search === '')) {
      response.end('Ok.\n');
      return;
    }
    const started = process.hrtime.bigint();
    response.setHeader('X-ClickHouse-Query-Id', url.searchParams.get('query_id') ?? randomUUID());
    response.setHeader('X-ClickHouse-Server-Display-Name', 'clickhouse-front');
    const wanted = await requestOf(request, url);
    const session = await take();
    try {
      const result = wanted.text === '' ? { bytes: new Uint8Array(), rows: 0 } : await session.run(wanted);
      response.setHeader('X-ClickHouse-Format', wanted.format);
      response.setHeader(
        'X-ClickHouse-Summary',
        JSON.stringify({
          read_rows: String(result.rows),
          read_bytes: '0',
          written_rows: '0',
          written_bytes: '0',
          total_rows_to_read: '0',
          result_rows: String(result.rows),
          result_bytes: String(result.bytes.length),
          elapsed_ns: String(process.hrtime.bigint() - started),
        }),
      );
      const zipped =
        url.searchParams.get('enable_http_compression') === '1' &&
        /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      if (zipped) response.setHeader('Content-Encoding', 'gzip');
      response.end(zipped ? gzipSync(result.bytes) : result.bytes);
    } finally {
      give(session);
      wanted.clean();
    }
  };

  const refuse = (response: ServerResponse, error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    const code = Number(/Code: (\d+)/.exec(message)?.[1] ?? 1001);
    response.setHeader('X-ClickHouse-Exception-Code', String(code));
    response.statusCode = STATUS_OF_CODE[code] ?? 500;
    response.end(message.startsWith('Code:') ? message : `Code: ${code}. DB::Exception: ${message}. (STD_EXCEPTION)`);
  };

  const server: Server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const session of sessions) session.close();
    },
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, data: { type: 'string' } },
  });
  if (values.data === undefined) throw new Error('usage: clickhouse-front.ts --port 0 --data DIR');
  const front = await serveClickhouse(values.data, Number(values.port));
  console.log(front.url);
  const end = (): void => {
    void front.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  // Whoever started this holds the other end of standard input; when she is gone, so is this process.
  process.stdin.resume();
  process.stdin.on('end', end);
}
