// One steering operation as data: who may call it, what it takes, what it may refuse. The OpenAPI document, validation and authorisation
// are all read from this, so that none of them can be forgotten in a handler.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { ERRORS, RekindleError, type ErrorCode } from '../../kernel/errors.ts';
import type { Caller } from '../access/caller.ts';
import type { Operations, Sendable } from '../contract/operations.ts';
import type { Permission } from '../contract/permissions.ts';

/** A permission that the caller must hold (`access/permissions.ts` says which roles do); `none`: anybody may call. */
export type Need = Permission | 'none';

/** `{name}` segments of a path, as an object type. */
type PathParams<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [key in Name]: string } & PathParams<Rest>
  : unknown;

type Given<Params, Query, Body> = {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** What the caller can read, for the few that answer line by line. */
  readonly accept: string;
  readonly caller: Caller;
  /** Of those few operations that read or answer more than JSON: cookies, the caller's address. */
  readonly request: Request;
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
  readonly answer: z.ZodType;
  readonly status: 200 | 201;
  readonly refusals: readonly ErrorCode[];
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
  readonly answer?: z.ZodType;
  readonly status?: 200 | 201;
  /** Beyond what follows from key, query and body. */
  readonly refusals?: readonly ErrorCode[];
  readonly run: (given: Given<PathParams<Path>, z.output<Query>, z.output<Body>>) => Promise<AnswerOf<M, Path>>;
}): Endpoint {
  return {
    method: spec.method,
    path: spec.path,
    need: spec.need,
    summary: spec.summary,
    query: spec.query,
    body: spec.body,
    answer: spec.answer ?? anything,
    status: spec.status ?? 200,
    refusals: spec.refusals ?? [],
    run: spec.run as Endpoint['run'],
  };
}

const BODY_BYTES_MAX = 5 * 1024 * 1024;

async function readJson(c: Context): Promise<unknown> {
  const text = await c.req.text();
  if (Buffer.byteLength(text) > BODY_BYTES_MAX)
    throw new RekindleError('too_large', { what: 'The body', limit: `${BODY_BYTES_MAX / 1024 / 1024} MB` });
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RekindleError('body_not_json', { what: cause instanceof Error ? cause.message : '' }, { cause });
  }
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
  const what =
    issue?.code === 'unrecognized_keys'
      ? `there is no field ${issue.keys.map((key) => `"${key}"`).join(', ')}`
      : (issue?.message ?? 'malformed');
  throw new RekindleError('invalid', { where, what });
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

/** Puts operations on a router. `admit` says who calls and throws unless she may do what is needed; it is asked for every one of them. */
export function mount(
  routes: OpenAPIHono,
  operations: readonly Endpoint[],
  admit: (need: Need, request: Request) => Promise<Caller>,
): void {
  for (const operation of operations) {
    describe(routes, operation);
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
    routes.on(operation.method.toUpperCase(), path, async (c) => {
      const caller = await admit(operation.need, c.req.raw);
      const answer = await operation.run({
        params: c.req.param(),
        query: parsed(operation.query, 'query', c.req.query()),
        body: operation.body === undefined ? undefined : parsed(operation.body, 'body', await readJson(c)),
        accept: c.req.header('accept') ?? '',
        caller,
        request: c.req.raw,
      });
      return answer instanceof Response ? answer : c.json(answer ?? {}, operation.status);
    });
  }
}
