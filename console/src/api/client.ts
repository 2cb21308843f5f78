// The one way the console speaks to the server: an operation of the contract by its name, typed both ways.
import type { OperationName, Operations } from '../../../src/http/contract/operations.ts';
import { currentLanguage, shared } from '../words/language.ts';
import { ApiProblem, problemOf } from './problem.ts';
import { signedInAgain } from './session-ended.ts';

type Parts = 'params' | 'query' | 'body';
type HasRequired<T> = Partial<T> extends T ? false : true;
/** What an operation takes: the parts its contract names. */
export type Given<Name extends OperationName> = Omit<
  Pick<Operations[Name], Extract<keyof Operations[Name], Parts>>,
  'answer'
>;
export type Answer<Name extends OperationName> = Operations[Name]['answer'];
export type GivenArguments<Name extends OperationName, More extends unknown[]> =
  HasRequired<Given<Name>> extends true ? [given: Given<Name>, ...More] : [given?: Given<Name>, ...More];

export type CallOptions = {
  readonly signal?: AbortSignal;
  /** The version that was read before the change (an `ETag`); the server refuses when somebody has changed it since. */
  readonly ifMatch?: string;
  /** A 401 is an answer here (signing in itself), not the end of a session. */
  readonly isSignIn?: boolean;
  /** A form other than JSON that the operation can answer in. */
  readonly accept?: string;
};

type LooseGiven = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
};

/** `GET /people/{personId}` with its parts → `/api/people/42?limit=10`. */
export function addressOf(operation: string, given: LooseGiven = {}): string {
  const path = operation
    .slice(operation.indexOf(' ') + 1)
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given.params?.[name] ?? ''));
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(given.query ?? {}))
    if (value !== undefined && value !== null && value !== '')
      query.set(key, typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean));
  const text = query.toString();
  return `/api${path}${text === '' ? '' : `?${text}`}`;
}

async function attempt(operation: string, given: LooseGiven, options: CallOptions): Promise<Response> {
  try {
    return await fetch(addressOf(operation, given), {
      method: operation.slice(0, operation.indexOf(' ')),
      credentials: 'same-origin',
      headers: {
        Accept: options.accept ?? 'application/json',
        'Accept-Language': currentLanguage() === 'zh' ? 'zh-CN' : 'en',
        ...(given.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(options.ifMatch === undefined ? {} : { 'If-Match': options.ifMatch }),
      },
      ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (cause) {
    if (options.signal?.aborted === true) throw cause;
    throw new ApiProblem('offline', 0, shared('problem_offline'));
  }
}

async function answered(operation: string, given: LooseGiven, options: CallOptions): Promise<Response> {
  let response = await attempt(operation, given, options);
  if (response.status === 401 && options.isSignIn !== true) {
    await signedInAgain();
    response = await attempt(operation, given, options);
  }
  if (!response.ok) throw await problemOf(response, shared('problem_unexpected'));
  return response;
}

export type Versioned<T> = { readonly value: T; readonly version: string | undefined };

/** Calls an operation; throws an `ApiProblem` in the person's language. A session that ended is renewed by her, then the call is repeated. */
export async function callApi<Name extends OperationName>(
  operation: Name,
  ...[given, options]: GivenArguments<Name, [options?: CallOptions]>
): Promise<Answer<Name>> {
  const response = await answered(operation, (given ?? {}) as LooseGiven, options ?? {});
  return (await response.json()) as Answer<Name>;
}

/** The same, with the version of what was read, for a later change with `ifMatch`. */
export async function callVersioned<Name extends OperationName>(
  operation: Name,
  ...[given, options]: GivenArguments<Name, [options?: CallOptions]>
): Promise<Versioned<Answer<Name>>> {
  const response = await answered(operation, (given ?? {}) as LooseGiven, options ?? {});
  return { value: (await response.json()) as Answer<Name>, version: response.headers.get('ETag') ?? undefined };
}

/** Calls an operation for a file, and lets the browser keep it under a name. */
export async function saveAnswer<Name extends OperationName>(
  operation: Name,
  given: Given<Name>,
  file: { readonly name: string; readonly type: string },
): Promise<void> {
  const response = await answered(operation, given as LooseGiven, { accept: file.type });
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name;
  link.click();
  URL.revokeObjectURL(url);
}
