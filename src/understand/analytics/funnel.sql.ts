// How far each person gets in a funnel: the rule of `funnel.ts` as one fold per person over the events that matter.
import { addDays } from '../../kernel/days.ts';
import { joined, p, sql, type Sql } from '../../kernel/sql.ts';
import type { FunnelRange, FunnelStep } from './funnel.ts';

const DAY_MS = 86_400_000;

const joinedSum = (parts: readonly Sql[]): Sql => sql`arraySum([${joined(parts, ', ')}])`;

/** Bit k is set where the event may count for step k. */
const maskOf = (steps: readonly FunnelStep[]): Sql =>
  joinedSum(
    steps.map(
      ({ events, minAmountCents }, k) =>
        sql`bitShiftLeft(toUInt16(has(${p.texts(events)}, toString(name)) ${minAmountCents === undefined ? sql`` : sql`AND money_cents >= ${p.int(minAmountCents)}`}), ${p.int(k)})`,
    ),
  );

/**
 * person_id, began (bool), took (ms to steps 2…, −1 where not reached). The fold is `progressOf`: state 1 is where the chain at each step
 * began, state 2 how long each step took when it was first reached; both updates read the state before the event.
 */
export const funnelProgress = (
  { steps, windowDays, from, to }: FunnelRange,
  source: Sql,
  whom: Sql | undefined,
): Sql => {
  const count = steps.length;
  const names = [...new Set(steps.flatMap(({ events }) => events))];
  const none = sql`arrayResize(emptyArrayInt64(), ${p.int(count)}, toInt64(-1))`;
  const before = sql`arrayShiftRight(state.1, 1, toInt64(-1))`;
  const goesOn = sql`bitTest(event.2, k) AND begun >= 0 AND event.1 - begun <= ${p.int(windowDays * DAY_MS)}`;
  return sql`
    SELECT person_id, folded.1[1] >= 0 AS began, arrayPopFront(folded.2) AS took
    FROM (
      SELECT person_id, arrayFold((state, event) -> (
          arrayMap((k, at, begun) -> if(k = 0, if(bitTest(event.2, 0) AND event.3, event.1, at), if(${goesOn}, greatest(at, begun), at)),
            range(${p.int(count)}), state.1, ${before}),
          arrayMap((k, ms, begun) -> if(k > 0 AND ms < 0 AND ${goesOn}, event.1 - begun, ms), range(${p.int(count)}), state.2, ${before})
        ), seen, (${none}, ${none})) AS folded
      FROM (
        SELECT person_id, arraySort(groupArray((toInt64(toUnixTimestamp64Milli(occurred_at)), ${maskOf(steps)}, day <= ${p.day(to)}))) AS seen
        FROM ${source}
        WHERE name IN ${p.texts(names)} AND day >= ${p.day(from)} AND day <= ${p.day(addDays(to, windowDays))}
          ${whom === undefined ? sql`` : sql`AND person_id IN (${whom})`}
        GROUP BY person_id
      )
    )`;
};
