// One steering operation as data: who may call it, what it takes, what it may refuse. The OpenAPI document, validation and authorisation
// are all read from this, so that none of them can be forgotten in a handler.
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { ERRORS, RekindleError, type ErrorCode } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { issueText } from '../../kernel/issue.ts';
import { storableJson } from '../../kernel/json.ts';
import type { Visitor } from '../access/accounts.service.ts';
import { holds, type Caller } from '../access/caller.ts';
import type { Operations, Sendable } from '../contract/operations.ts';
import type { Permission } from '../contract/permissions.ts';

/**
 * A permission that the caller must hold (`access/permissions.ts` says which roles do); `member`: whoever is signed in, about herself;
 * `none`: anybody.
 */
export type Need = Permission | 'member' | 'none';

/** `{name}` segments of a path, as an object type. */
type PathParams<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [key in Name]: string } & PathParams<Rest>
  : unknown;

/** A file that is sent as it is. */
export type SentBytes = {
  /** Opened by whoever reads it at once: a stream that breaks while nobody listens would end the process. */
  readonly open: () => Readable;
  readonly length: number | undefined;
};

type Given<Params, Query, Body> = {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** What was sent, of an operation that takes a file; empty for the others. */
  readonly bytes: SentBytes;
  /** What the caller can read, for the few that answer line by line. */
  readonly accept: string;
  readonly caller: Caller;
  /** The cookies, browser and address of whoever calls, for the operations on accounts. */
  readonly visitor: Visitor;
  /** The version that was read before a change (`If-Match`). */
  readonly ifMatch: string | undefined;
};

/** What the contract says an operation answers; anything where the contract does not name it. */
type AnswerOf<M extends Method, Path extends string> = `${Uppercase<M>} ${Path}` extends infer Name
  ? Name extends keyof Operations
    ? Sendable<Operations[Name]['answer']> | Response
    : unknown
  : never;

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export type Endpoint = {
  readonly method: Method;
  readonly path: string;
  readonly need: Need;
  readonly summary: string;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodType | undefined;
  /** Takes a file's bytes in place of JSON. */
  readonly takesFile: boolean;
  readonly answer: z.ZodType;
  readonly status: 200 | 201;
  readonly refusals: readonly ErrorCode[];
  /** The version of what is answered, sent as `ETag`; a change hands it back as `If-Match`. */
  readonly version: ((answer: unknown) => string | number) | undefined;
  readonly run: (given: Given<unknown, unknown, unknown>) => Promise<unknown>;
};

const anything = z.looseObject({});

/** Declares an operation. `run` answers with what becomes the JSON body, or with a whole Response. */
export function endpoint<
  const M extends Method,
  Path extends string,
  Query extends z.ZodObject,
  Body extends z.ZodType,
>(spec: {
  readonly method: M;
  readonly path: Path;
  readonly need: Need;
  readonly summary: string;
  readonly query?: Query;
  readonly body?: Body;
  readonly takesFile?: true;
  readonly answer?: z.ZodType;
  readonly status?: 200 | 201;
  /** Beyond what follows from key, query and body. */
  readonly refusals?: readonly ErrorCode[];
  readonly version?: (answer: unknown) => string | number;
  readonly run: (given: Given<PathParams<Path>, z.output<Query>, z.output<Body>>) => Promise<AnswerOf<M, Path>>;
}): Endpoint {
  return {
    method: spec.method,
    path: spec.path,
    need: spec.need,
    summary: spec.summary,
    query: spec.query,
    body: spec.body,
    takesFile: spec.takesFile ?? false,
    answer: spec.answer ?? anything,
    status: spec.status ?? 200,
    refusals: spec.refusals ?? [],
    version: spec.version,
    run: spec.run as Endpoint['run'],
  };
}

/** The version in an `If-Match` header: undefined when there is none or it means any. Throws `invalid` for what no `ETag` of ours looks like. */
export function versionGiven(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch === '*') return undefined;
  const version = Number(/^(?:W\/)?"(\d+)"$/.exec(ifMatch)?.[1]);
  if (!Number.isSafeInteger(version))
    throw new RekindleError('invalid', { where: 'If-Match', what: { en: 'not a version', zh: '不是版本号' } });
  return version;
}

const BODY_BYTES_MAX = 5 * 1024 * 1024;

async function readJson(c: Context): Promise<unknown> {
  const text = await c.req.text();
  if (Buffer.byteLength(text) > BODY_BYTES_MAX)
    throw new RekindleError('too_large', {
      what: { en: 'The body', zh: '请求体' },
      limit: `${BODY_BYTES_MAX / 1024 / 1024} MB`,
    });
  if (text.trim() === '') return {};
  try {
    return storableJson(text);
  } catch (cause) {
    throw new RekindleError('body_not_json', { what: cause instanceof Error ? cause.message : '' }, { cause });
  }
}

const NOTHING_SENT: SentBytes = { open: () => Readable.from([]), length: 0 };

function sentBytes(c: Context): SentBytes {
  const { body } = c.req.raw;
  const length = c.req.header('content-length');
  return {
    open: () => (body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream<Uint8Array>)),
    length: length === undefined ? undefined : Number(length),
  };
}

/** Parses by a schema; throws `invalid` naming one field that is wrong. */
function parsed(schema: z.ZodType | undefined, place: string, input: unknown): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A name that is not known is the likelier mistake than the one it was meant to be being absent.
  const issue = issues.find((each) => each.code === 'unrecognized_keys') ?? issues[0];
  const where = [place, ...(issue?.path ?? [])].join('.');
  throw new RekindleError('invalid', { where, what: issueText(issue) });
}

/** Every code an operation may refuse with. */
export const refusalsOf = (operation: Endpoint): readonly ErrorCode[] => [
  ...new Set<ErrorCode>([
    ...(operation.need !== 'none' ? (['unauthorised', 'forbidden'] as const) : []),
    ...(operation.body === undefined ? [] : (['body_not_json', 'too_large', 'invalid'] as const)),
    ...(operation.query === undefined ? [] : (['invalid'] as const)),
    ...operation.refusals,
  ]),
];

const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
});

function describe(routes: OpenAPIHono, operation: Endpoint): void {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const byStatus = Map.groupBy(refusalsOf(operation), (code) => ERRORS[code].status);
  routes.openAPIRegistry.registerPath({
    method: operation.method,
    path: operation.path,
    summary: operation.summary,
    security: operation.need === 'none' ? [] : [{ secret: [] }, { session: [] }],
    request: {
      ...(names.length === 0 ? {} : { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
      ...(operation.query === undefined ? {} : { query: operation.query }),
      ...(operation.body === undefined
        ? {}
        : { body: { content: { 'application/json': { schema: operation.body } } } }),
      ...(operation.takesFile
        ? { body: { content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } } } }
        : {}),
    },
    responses: {
      [operation.status]: { description: 'Done', content: { 'application/json': { schema: operation.answer } } },
      ...Object.fromEntries(
        [...byStatus].map(([status, codes]) => [
          status,
          {
            description: codes.map((code) => `\`${code}\`: ${ERRORS[code].en}`).join(' · '),
            content: { 'application/problem+json': { schema: problemSchema } },
          },
        ]),
      ),
    },
  });
}

export type Gate = {
  /** Says who calls; throws unless she may do what is needed. Asked for every operation. */
  readonly admit: (need: Need, visitor: Visitor, method: string) => Promise<Caller>;
  /** Hides people's names and addresses in an answer. */
  readonly mask: (answer: unknown) => unknown;
  /** One editor of a thing at a time: what she was shown is compared with what is there, and changed, in one piece. */
  readonly exclusively: <T>(thing: string, work: () => Promise<T>) => Promise<T>;
  readonly audit: (entry: {
    readonly caller: Caller;
    readonly action: string;
    readonly subject: unknown;
    readonly before: unknown;
    readonly after: unknown;
  }) => Promise<void>;
};

/** Whoever reads only changes nothing, whatever the method: a preview is a POST because it takes a body. */
export const changes = (operation: Endpoint): boolean =>
  operation.method !== 'get' && operation.need !== 'none' && !operation.need.endsWith('.read');

/** The operation that shows what a change is about: `GET /policies/{policyId}` for `POST /policies/{policyId}/activate`. */
function shownBy(operations: readonly Endpoint[], operation: Endpoint): Endpoint | undefined {
  // People are never copied into the audit log: it must not outlive their erasure.
  if (/people|consents|suppressions|account|members|imports|endpoints|grants/.test(operation.path)) return undefined;
  const parent = operation.path.replace(/\/[^/{}]+$/, '');
  return [operation.path, ...(parent.includes('{') ? [parent] : [])]
    .map((path) => operations.find((each) => each.method === 'get' && each.path === path && each.need !== 'none'))
    .find((each) => each !== undefined && (each.path.includes('{') || operation.method !== 'post'));
}

/** The version of what is shown; where it names none, one that changes whenever what is shown does. */
const etagOf = (operation: Endpoint, answer: unknown): string =>
  `"${operation.version?.(answer) ?? sha256Hex(JSON.stringify(answer) ?? '').slice(0, 24)}"`;

const addressOf = (c: Context): string => {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? '';
};

const unlessGone = (error: unknown): undefined => {
  if (error instanceof RekindleError && error.code === 'not_found') return undefined;
  throw error;
};

/** Puts operations on a router, behind one gate: admission, masking and the audit log are here and nowhere else. */
export function mount(routes: OpenAPIHono, operations: readonly Endpoint[], gate: Gate): void {
  for (const operation of operations) {
    describe(routes, operation);
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const shown = changes(operation) ? shownBy(operations, operation) : undefined;
    const isVersioned = operations.some((each) => changes(each) && shownBy(operations, each) === operation);
    const action = `${operation.method.toUpperCase()} ${operation.path}`;
    routes.on(operation.method.toUpperCase(), path, async (c) => {
      const visitor: Visitor = { headers: c.req.raw.headers, address: addressOf(c) };
      const caller = await gate.admit(operation.need, visitor, c.req.method);
      const given = {
        params: c.req.param(),
        query: parsed(operation.query, 'query', c.req.query()),
        body: operation.body === undefined ? undefined : parsed(operation.body, 'body', await readJson(c)),
        bytes: operation.takesFile ? sentBytes(c) : NOTHING_SENT,
        accept: c.req.header('accept') ?? '',
        caller,
        visitor,
        ifMatch: c.req.header('if-match'),
      };
      const look = async (): Promise<unknown> =>
        shown === undefined
          ? undefined
          : shown.run({ ...given, query: parsed(shown.query, 'query', {}), body: undefined });
      const change = async (): Promise<unknown> => {
        // What cannot be shown was not there: the change itself will say so.
        // A copy: what is shown may be the very object that is about to change.
        const before = structuredClone(await look().catch(() => undefined));
        if (given.ifMatch !== undefined && shown !== undefined && ![etagOf(shown, before), '*'].includes(given.ifMatch))
          throw new RekindleError('changed_elsewhere', { what: shown.path });
        const answer = await operation.run(given);
        if (changes(operation))
          await gate.audit({
            caller,
            action,
            subject: given.params,
            before,
            // What was removed cannot be shown any more.
            after: (await look().catch(unlessGone)) ?? {
              ...(given.body as object | undefined),
              ...(answer instanceof Response ? {} : (answer as object)),
            },
          });
        return answer;
      };
      const answer =
        shown !== undefined && (shown.path === operation.path || given.ifMatch !== undefined)
          ? await gate.exclusively(`${shown.path} ${JSON.stringify(given.params)}`, change)
          : await change();
      if (answer instanceof Response) return answer;
      if (isVersioned || operation.version !== undefined) c.header('ETag', etagOf(operation, answer));
      const sees = operation.need === 'none' || operation.need === 'member' || holds(caller, 'people.contact_data');
      return c.json(sees ? (answer ?? {}) : gate.mask(JSON.parse(JSON.stringify(answer ?? {}))), operation.status);
    });
  }
}
