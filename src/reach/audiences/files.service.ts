// An audience as a file for an upload by hand. What was uploaded is out of our hands, so a later file replaces it.
import type { RecordsDb } from '../../stores/records/records.ts';
import { showAudience, type Audience, type AudienceContext } from './audiences.service.ts';
import { valuesOf } from './identifiers.ts';
import { mainlandIdentifiers, type MainlandIdentifier } from './mainland-identifiers.ts';
import { NETWORKS } from './network.ts';
import { wantedPages } from './records.sql.ts';
import { alone } from './turn.service.ts';
import { judgedPages, refresh, returnedPeople } from './wanted.service.ts';

/**
 * Works out who is wanted and writes them as a file for an upload by hand: one person a line, hashed and headed as the network's console takes it. What was uploaded
 * is out of our hands, so a later file replaces it. Throws `not_found`, `conflict` while a sync is running.
 */
export async function audienceFile(context: AudienceContext, audienceId: string): Promise<AsyncGenerator<string>> {
  const { db, now } = context;
  const audience = await showAudience(db, audienceId);
  await alone(context, audienceId, (goesOn) => refresh(context, audience, now(), goesOn));
  return fileLines(db, audience);
}

async function* fileLines(db: RecordsDb, { audienceId, network }: Audience): AsyncGenerator<string> {
  const { columns } = NETWORKS[network];
  yield `${columns.map(([, header]) => header).join(',')}\r\n`;
  for await (const people of wantedPages(db, audienceId))
    yield people
      .map((identifiers) => `${columns.map(([kind]) => valuesOf(identifiers, kind)[0] ?? '').join(',')}\r\n`)
      .join('');
}

/**
 * One kind of identifier, one a line and nothing else: the file that mainland consoles take (千川, 巨量, 腾讯). Nothing is written down of it. Throws
 * `not_found`.
 */
export async function identifierFile(
  context: AudienceContext,
  audienceId: string,
  kind: MainlandIdentifier,
  openAppId: string | undefined,
): Promise<AsyncGenerator<string>> {
  return identifierLines(context, await showAudience(context.db, audienceId), kind, openAppId);
}

async function* identifierLines(
  context: AudienceContext,
  audience: Audience,
  kind: MainlandIdentifier,
  openAppId: string | undefined,
): AsyncGenerator<string> {
  if (audience.closedAt !== null) return;
  const now = context.now();
  const returned = await returnedPeople(context, now);
  const seen = new Set<string>();
  for await (const page of judgedPages(context, audience, { returned, now })) {
    const fresh = page.filter(({ known }) => !seen.has(known.personId));
    for (const { known } of fresh) seen.add(known.personId);
    const lines = fresh.flatMap(({ known, reason }) =>
      reason === null ? mainlandIdentifiers(known, [kind], openAppId) : [],
    );
    if (lines.length > 0) yield `${valuesOf([...new Set(lines)], kind).join('\n')}\n`;
  }
}
