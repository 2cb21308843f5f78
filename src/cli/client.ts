// One way to steer, whoever holds the data folder: a running server is called over HTTP with the secret it announced there; otherwise the
// stores are opened here and the very same routes are called in process.
import type { Config } from '../config.ts';
import { ERRORS, RekindleError, type ErrorCode, type ErrorDetails } from '../kernel/errors.ts';
import type { Lang } from '../kernel/lang.ts';
import { langFrom, type Environment } from './session.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export type Client = {
  readonly mode: 'direct' | 'server';
  /** Calls `/api` + path. Throws the refusal as the error it was on the other side. */
  readonly call: <T>(method: Method, path: string, body?: unknown) => Promise<T>;
  /** As `call`, for operations that answer line by line; returns the last line. */
  readonly follow: <T>(method: Method, path: string, body: unknown, onLine: (line: unknown) => void) => Promise<T>;
  readonly close: () => Promise<void>;
};

type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** A problem document back into the error it came from. */
export function errorOf(problem: unknown): RekindleError {
  const { code, title, type: _type, status: _status, ...details } = (problem ?? {}) as Record<string, unknown>;
  if (typeof code === 'string' && code in ERRORS) return new RekindleError(code as ErrorCode, details as ErrorDetails);
  return new RekindleError('unexpected', {
    what: typeof title === 'string' ? title : { en: 'no answer that makes sense', zh: '收到无法理解的应答' },
  });
}

async function* linesOf(response: Response): AsyncGenerator {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line);
  }
  if (rest.trim() !== '') yield JSON.parse(rest);
}

type Caller = { readonly secret: string; readonly lang: Lang };

function overFetch(mode: Client['mode'], { secret, lang }: Caller, fetch: Fetch, close: () => Promise<void>): Client {
  const request = async (method: Method, path: string, body: unknown, accept: string): Promise<Response> => {
    const response = await fetch(path, {
      method,
      headers: {
        Authorization: `Bearer ${secret}`,
        Accept: accept,
        'Accept-Language': lang,
        'Content-Type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    throw errorOf(await response.json().catch(() => undefined));
  };
  return {
    mode,
    call: async <T>(method: Method, path: string, body?: unknown) =>
      (await (await request(method, path, body, 'application/json')).json()) as T,
    follow: async <T>(method: Method, path: string, body: unknown, onLine: (line: unknown) => void) => {
      let last: unknown;
      for await (const line of linesOf(await request(method, path, body, 'application/x-ndjson'))) {
        if (typeof line === 'object' && line !== null && 'problem' in line) throw errorOf(line.problem);
        last = line;
        onLine(line);
      }
      return last as T;
    },
    close,
  };
}

const overServer = (url: string, caller: Caller): Client =>
  overFetch(
    'server',
    caller,
    async (path, init) => {
      try {
        return await fetch(`${url}/api${path}`, init);
      } catch (cause) {
        const what = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
        throw new RekindleError(
          'unexpected',
          {
            what: {
              en: `the running server at ${url} does not answer (${what})`,
              zh: `正在运行的服务 ${url} 没有应答（${what}）`,
            },
          },
          { cause },
        );
      }
    },
    async () => undefined,
  );

async function inProcess(config: Config, lang: Lang): Promise<Client> {
  const [{ openApp }, { apiRoutes }, { systemClock }, { newSecret }] = await Promise.all([
    import('../app.ts'),
    import('../http/api.routes.ts'),
    import('../kernel/clock.ts'),
    import('../kernel/ids.ts'),
  ]);
  const app = await openApp(config, systemClock);
  const localSecret = newSecret();
  let failure: Error | undefined;
  const routes = apiRoutes(app, { localSecret, log: (error) => (failure = error) });
  return overFetch(
    'direct',
    { secret: localSecret, lang },
    async (path, init) => {
      failure = undefined;
      const response = await routes.request(path, init);
      // Over HTTP the cause stays in the server's log; here there is no log, so the command shows it itself.
      if (failure !== undefined) throw failure;
      return response;
    },
    app.close,
  );
}

/** Throws `folder_in_use` when another process holds the folder and serves nobody. */
export async function connect(env: Environment): Promise<Client> {
  const [{ configOf }, { holderOf }] = await Promise.all([import('../config.ts'), import('../stores/data-folder.ts')]);
  const config = configOf(env);
  const holder = holderOf(config.dataDir);
  const lang = langFrom([], env);
  if (holder?.url !== undefined && holder.secret !== undefined)
    return overServer(holder.url, { secret: holder.secret, lang });
  return inProcess(config, lang);
}

/** Connects, works, and lets go of the stores whatever happens. */
export async function withClient(env: Environment, work: (client: Client) => Promise<void>): Promise<void> {
  const client = await connect(env);
  try {
    await work(client);
  } catch (error) {
    // What kept the work from being done is what is told; closing may fail for the same reason.
    await client.close().catch(() => undefined);
    throw error;
  }
  await client.close();
}

/** `/people/{id}` with the id made safe for a path. */
export const pathOf = (parts: TemplateStringsArray, ...ids: readonly string[]): string =>
  parts.map((part, i) => part + (i < ids.length ? encodeURIComponent(ids[i]!) : '')).join('');
