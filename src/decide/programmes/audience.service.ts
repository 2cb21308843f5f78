// Who is a programme about, today? Brings the policy's stages up to date and yields the people of the wanted stages and segment.
import { personSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { evaluatePolicy } from '../../understand/dormancy/evaluate.service.ts';
import { showPolicy, type SavedPolicy } from '../../understand/dormancy/policy.service.ts';
import { audiencePages } from '../../understand/segments/audience.sql.ts';
import { usesFacts, type SegmentContext } from '../../understand/segments/questions.service.ts';
import { resolveSegment } from '../../understand/segments/resolve.service.ts';
import { parseSegment } from '../../understand/segments/segment.ts';
import type { Programme } from './programme.ts';

const SILENT = new Set<string>(['cooling', 'dormant', 'lost', 'relapsed']);

/** Stages end with a day; who of a page (sorted) has been active since then is silent no more, whatever her stage still says. */
async function activeSince(
  events: Events,
  { policy }: SavedPolicy,
  asOf: Day,
  page: readonly string[],
): Promise<ReadonlySet<string>> {
  const { days } = await personSource(events);
  const rows = await events.rows<{ person_id: string }>(
    sql`SELECT DISTINCT person_id FROM ${days} WHERE name IN ${p.texts(policy.activity)} AND day > toDate(${p.day(asOf)})
      AND person_id >= ${p.text(page[0]!)} AND person_id <= ${p.text(page.at(-1)!)}`,
  );
  return new Set(rows.map((row) => row.person_id));
}

/**
 * Person ids in ascending order, page by page. The policy is evaluated as of the end of `asOf` first. Browsers and devices that nobody signed
 * in on have no address and are left out.
 */
export async function* programmeAudience(
  context: SegmentContext,
  audience: Programme['audience'],
  asOf: Day,
  now: Date,
): AsyncIterable<readonly string[]> {
  const { records, events, refreshFacts } = context;
  const saved = await showPolicy(records, audience.policyId);
  await evaluatePolicy(events, { policy: saved.policy, version: saved.version, asOf, now, scopes: context });
  const { policyId, stages, segment } = audience;
  const resolved = segment === null ? undefined : await resolveSegment(records.db, parseSegment(segment));
  if (resolved !== undefined && usesFacts(resolved)) await refreshFacts();
  const isSilence = stages.every((stage) => SILENT.has(stage));
  const pages = audiencePages(
    events,
    { policyId, stages, ...(resolved === undefined ? {} : { segment: resolved }) },
    now,
  );
  for await (const page of pages) {
    const back = isSilence ? await activeSince(events, saved, asOf, page) : new Set<string>();
    yield page.filter((personId) => !personId.startsWith('anon:') && !back.has(personId));
  }
}
