// How is a question that comes again spared its planning? The embedded PostgreSQL is one thread, and plans a large statement longer than it
// runs it, so small questions are kept prepared under names. Guarantees: answers and errors are those of the unnamed statement; a set is
// planned for what it holds; a plan made while a table was small is not kept long; at most `KEPT_MAX` plans lie in memory.
import { parse, protocol, type PGlite, type QueryOptions, type Results } from '@electric-sql/pglite';
import { FEW } from './planning.ts';

const { serialize } = protocol;

const PLAN_FOR_ANY = ['few_on', 'SET plan_cache_mode = force_generic_plan'] as const;
const PLAN_AS_USUAL = ['few_off', 'RESET plan_cache_mode'] as const;

const KEPT_MAX = 200;
/** A table that has grown is counted by the upkeep, and its plans are then made anew; this is for when the upkeep could not. */
const KEPT_MS = 600_000;
/** Values longer than this are sets: how they are joined depends on their size. */
const SMALL_MAX = 1_000;
const IS_QUESTION = /^\s*(?:--[^\n]*\n\s*)*(?:select|with|insert|update|delete)\b/i;
/** PostgreSQL's feature_not_supported: what a kept statement answers when the columns of a `*` have changed. */
const CHANGED_SHAPE = '0A000';

type Kept = { readonly name: string; readonly types: readonly number[]; readonly untilMs: number };

export type Statements = {
  /** Runs one statement; the caller holds PGlite's lock, or a transaction. Throws the database's own error. */
  readonly query: (
    text: string,
    values: readonly unknown[],
    rowMode: QueryOptions['rowMode'],
  ) => Promise<Results<unknown>>;
};

export function openStatements(instance: PGlite, nowMs: () => number = () => performance.now()): Statements {
  // In the order of their last use.
  const kept = new Map<string, Kept>();
  let lastName = 0;
  let knowsCommands = false;

  const ask = (messages: readonly Uint8Array[]): ReturnType<PGlite['execProtocolStream']> =>
    instance.execProtocolStream(Buffer.concat([...messages, serialize.sync()]), { syncToFs: false });
  const forget = async (text: string): Promise<void> => {
    const old = kept.get(text);
    if (old === undefined) return;
    kept.delete(text);
    await ask([serialize.close({ type: 'S', name: old.name })]);
  };
  const parsed = async (text: string, name: string): Promise<readonly number[]> =>
    parse.parseDescribeStatementResults(
      await ask([serialize.parse({ name, text }), serialize.describe({ type: 'S', name })]),
    );
  const prepare = async (text: string): Promise<Kept> => {
    const name = `kept_${++lastName}`;
    const types = await parsed(text, name);
    return { name, types, untilMs: nowMs() + KEPT_MS };
  };
  const find = async (text: string): Promise<Kept> => {
    let found = kept.get(text);
    if (found !== undefined && found.untilMs < nowMs()) {
      await forget(text);
      found = undefined;
    }
    found ??= await prepare(text);
    kept.delete(text);
    kept.set(text, found);
    if (kept.size > KEPT_MAX) await forget(kept.keys().next().value!);
    return found;
  };
  const written = (values: readonly unknown[], types: readonly number[]): (string | null)[] =>
    values.map((value, at) => {
      if (value === null || value === undefined) return null;
      const serializer = instance.serializers[types[at]!];
      if (serializer !== undefined) return serializer(value);
      return typeof value === 'string' ? value : JSON.stringify(value);
    });
  const run = async (
    statement: string,
    values: (string | null)[],
    rowMode: QueryOptions['rowMode'],
    isFew = false,
  ): Promise<Results<unknown>> => {
    const command = ([name]: readonly [string, string]): Uint8Array[] =>
      isFew ? [serialize.bind({ statement: name }), serialize.execute({})] : [];
    const messages = await ask([
      ...command(PLAN_FOR_ANY),
      serialize.bind({ statement, values }),
      serialize.describe({ type: 'P' }),
      serialize.execute({}),
      ...command(PLAN_AS_USUAL),
    ]);
    const options = rowMode === undefined ? {} : { rowMode };
    return parse.parseResults(messages, instance.parsers, options)[isFew ? 1 : 0] as Results<unknown>;
  };
  const unnamed = async (
    text: string,
    values: readonly unknown[],
    rowMode: QueryOptions['rowMode'],
  ): Promise<Results<unknown>> => run('', written(values, await parsed(text, '')), rowMode);

  return {
    query: async (text, values, rowMode) =>
      instance._runExclusiveQuery(async () => {
        const isFew = text.includes(FEW);
        if (!isFew && (!IS_QUESTION.test(text) || isLarge(values))) return unnamed(text, values, rowMode);
        if (isFew && !knowsCommands) {
          for (const [name, command] of [PLAN_FOR_ANY, PLAN_AS_USUAL]) await parsed(command, name);
          knowsCommands = true;
        }
        const { name, types } = await find(text);
        const isAlone = !instance.isInTransaction();
        try {
          return await run(name, written(values, types), rowMode, isFew);
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === CHANGED_SHAPE)) throw error;
          await forget(text);
          // Inside a transaction the failure is the transaction's.
          if (!isAlone) throw error;
          return unnamed(text, values, rowMode);
        }
      }),
  };
}

const sizeOf = (value: unknown): number => (typeof value === 'string' ? value.length + 1 : 8);

/** Stops at the first value too many: the largest sets are not walked for nothing. */
function isLarge(values: readonly unknown[]): boolean {
  let size = 0;
  for (const value of values)
    for (const each of Array.isArray(value) ? (value as readonly unknown[]) : [value])
      if ((size += sizeOf(each)) > SMALL_MAX) return true;
  return false;
}
