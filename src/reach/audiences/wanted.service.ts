// Who is wanted in an audience now? Guarantees: only who agreed to advertising, nobody of a control group in one to reach, and whoever came back leaves the
// one and enters the other.
import type { AudienceContext, Audience } from './audiences.service.ts';
import { NETWORKS } from './network.ts';
import {
  globalControl,
  judgeForAds,
  programmePeople,
  returnedFromSiblings,
  returnedMembers,
  type Judged,
} from './people.sql.ts';
import { dropUnseen, writeWanted } from './records.sql.ts';

/** Makes a turn at an audience longer. */
type GoesOn = () => Promise<void>;

const CHUNK = 5_000;
const chunked = (ids: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, at) => ids.slice(at * CHUNK, (at + 1) * CHUNK));

async function* meantBy(context: AudienceContext, audience: Audience): AsyncGenerator<readonly string[]> {
  const { db, rules } = context;
  const { source, use } = audience;
  if (source.kind === 'segment') yield* context.segmentPeople(source.id);
  else yield* programmePeople(db, source.id, use);
  if (use === 'target') return;
  yield* returnedFromSiblings(db, audience.audienceId);
  yield* globalControl(db, rules.globalControlBuckets);
}

/** By their stage, or by their last membership, which may know it earlier. */
export const returnedPeople = async ({ db, recovered }: AudienceContext, now: Date): Promise<ReadonlySet<string>> =>
  new Set([...(await recovered()), ...(await returnedMembers(db, now))]);

/** Whoever is meant, judged, page by page; who is meant in two ways may come twice. `goesOn` is called before each page. */
export async function* judgedPages(
  context: AudienceContext,
  audience: Audience,
  { returned, now, goesOn }: { readonly returned: ReadonlySet<string>; readonly now: Date; readonly goesOn?: GoesOn },
): AsyncGenerator<readonly Judged[]> {
  const { db, rules } = context;
  const { use, source } = audience;
  const programmeId = source.kind === 'programme' ? source.id : null;
  for await (const page of meantBy(context, audience))
    for (const ids of chunked([...new Set(page)])) {
      await goesOn?.();
      yield await judgeForAds(db, ids, { use, programmeId, returned, rules, now });
    }
}

/** Works out anew who is wanted, and writes it down. */
export async function refresh(context: AudienceContext, audience: Audience, now: Date, goesOn: GoesOn): Promise<void> {
  const { db } = context;
  const { audienceId, network, use } = audience;
  const identifiers = context.network(network)?.identifiers ?? NETWORKS[network].identifiers;
  const returned = await returnedPeople(context, now);
  if (audience.closedAt === null)
    for await (const judged of judgedPages(context, audience, { returned, now, goesOn }))
      await writeWanted(
        db,
        audienceId,
        judged.map(({ known, reason }) => {
          const hashes = reason === null ? identifiers(known) : [];
          return {
            person_id: known.personId,
            identifiers: [...hashes].toSorted(),
            reason: reason ?? (hashes.length === 0 ? 'no_address' : null),
          };
        }),
        now,
      );
  await dropUnseen(db, audienceId, now, use === 'target' ? returned : new Set());
  await db.updateTable('audiences').set({ refreshed_at: now }).where('audience_id', '=', audienceId).execute();
}
