// Audiences at ad networks: which there are, of whom, for what use, and how they stand. What is in them is worked out in `wanted.service.ts` and sent in
// `sync.service.ts`.
import { sql } from 'kysely';
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords } from '../../kernel/issue.ts';
import type { Text } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import type { NoteClosure } from '../messages/closures.service.ts';
import { NETWORK_KEYS, NETWORKS, type AudienceNetwork, type NetworkKey } from './network.ts';
import { countsOf, type AudienceCounts } from './records.sql.ts';

/** Networks refuse or flag lists whose names hint at health or money troubles. */
const TELLING =
  /health|disease|cancer|diabet|pregnan|medic|debt|loan|bankrupt|credit score|病|癌|孕|医|药|贷款|欠款|债|破产|征信/i;

const audienceSchema = z.strictObject({
  audienceId: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, inWords('lower-case letters, digits, - and _', '小写字母、数字、- 和 _')),
  network: z.enum(NETWORK_KEYS),
  name: z
    .string()
    .min(1)
    .max(50)
    .refine((name) => !TELLING.test(name), {
      error: inWords(
        'a neutral name: networks flag lists that hint at health or money',
        '请用中性名称：暗示健康或财务状况的人群包会被网络标记',
      ),
    }),
  source: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('segment'), id: z.string().min(1) }),
    z.strictObject({ kind: z.literal('programme'), id: z.string().min(1) }),
  ]),
  use: z.enum(['target', 'exclude']),
  /** The network's own id of an audience that exists there already. */
  remoteId: z.string().min(1).max(100).optional(),
});
export const newAudienceSchema = audienceSchema;
type NewAudience = z.output<typeof audienceSchema>;

export type AudienceContext = {
  readonly db: RecordsDb;
  readonly rules: ReachRules;
  /** The adapter, or undefined while its account is not connected. */
  readonly network: (key: NetworkKey) => AudienceNetwork | undefined;
  /** Page by page. Throws `not_found`. */
  readonly segmentPeople: (segmentId: string) => AsyncIterable<readonly string[]>;
  /** Tells whoever looks whether the account stands still. */
  readonly note: NoteClosure;
  /** People whose stage says that they have come back. */
  readonly recovered: () => Promise<readonly string[]>;
  readonly now: () => Date;
};

export type Audience = {
  readonly audienceId: string;
  readonly network: NetworkKey;
  readonly networkLabel: Text;
  readonly name: string;
  readonly source: { readonly kind: 'segment' | 'programme'; readonly id: string };
  readonly use: 'target' | 'exclude';
  readonly remoteId: string | null;
  readonly closedAt: Date | null;
  readonly refreshedAt: Date | null;
  readonly syncedAt: Date | null;
  /** Why the last sync could not end, where it could not. */
  readonly trouble: { readonly code: string; readonly detail: string } | null;
  /** When a sync that the network broke off goes on by itself. */
  readonly goesOnAt: Date | null;
  readonly people: AudienceCounts;
  readonly minimum: number;
  readonly warnings: readonly 'below_minimum'[];
};

const NOBODY: AudienceCounts = { wanted: 0, in: 0, toAdd: 0, toRemove: 0, refused: 0 };
const isNetwork = (key: string): key is NetworkKey => Object.hasOwn(NETWORKS, key);

export async function listAudiences(db: RecordsDb, audienceId?: string): Promise<Audience[]> {
  const rows = await db
    .selectFrom('audiences')
    .selectAll()
    .$if(audienceId !== undefined, (query) => query.where('audience_id', '=', audienceId!))
    // Whoever came back leaves an audience to reach before another takes her in to leave her out.
    .orderBy(sql`use = 'exclude'`)
    .orderBy('audience_id')
    .execute();
  const counts = await countsOf(db, audienceId);
  return rows.flatMap((row): Audience[] => {
    if (!isNetwork(row.network)) return [];
    const { en, zh, minimum } = NETWORKS[row.network];
    const people = counts.get(row.audience_id) ?? NOBODY;
    return [
      {
        audienceId: row.audience_id,
        network: row.network,
        networkLabel: { en, zh },
        name: row.name,
        source: { kind: row.source_kind, id: row.source_id },
        use: row.use,
        remoteId: row.remote_id,
        closedAt: row.closed_at,
        refreshedAt: row.refreshed_at,
        syncedAt: row.synced_at,
        trouble: row.code === null ? null : { code: row.code, detail: row.detail ?? '' },
        goesOnAt: row.goes_on_at,
        people,
        minimum,
        warnings:
          row.refreshed_at !== null && row.closed_at === null && people.wanted < minimum ? ['below_minimum'] : [],
      },
    ];
  });
}

/** Throws `not_found`. */
export async function showAudience(db: RecordsDb, audienceId: string): Promise<Audience> {
  const [audience] = await listAudiences(db, audienceId);
  if (audience === undefined)
    throw new RekindleError('not_found', { what: { en: `audience "${audienceId}"`, zh: `人群包“${audienceId}”` } });
  return audience;
}

/** With its last batches and why people are not in it. Throws `not_found`. */
export async function audienceInFull(db: RecordsDb, audienceId: string) {
  const audience = await showAudience(db, audienceId);
  const batches = await db
    .selectFrom('audience_batches')
    .select(['batch_id as batchId', 'action', 'people', 'started_at as startedAt', 'outcome', 'code', 'detail'])
    .select(sql<boolean | null>`outcome = 'sent' AND settled_at IS NULL`.as('isOpen'))
    .where('audience_id', '=', audienceId)
    .orderBy('started_at', 'desc')
    .orderBy('batch_id', 'desc')
    .limit(20)
    .execute();
  const { rows: reasons } = await sql<{ reason: string; people: number }>`
    SELECT reason, count(*)::int AS people FROM audience_records WHERE audience_id = ${audienceId} AND reason IS NOT NULL
    GROUP BY reason ORDER BY people DESC, reason`.execute(db);
  return { ...audience, batches, reasons };
}

/** Throws `not_found` for a source that is not there, `conflict` for an id or a purpose that is taken. */
export async function createAudience({ db, now }: AudienceContext, given: NewAudience): Promise<Audience> {
  const source =
    given.source.kind === 'segment'
      ? await db
          .selectFrom('segments')
          .select('segment_id')
          .where('segment_id', '=', given.source.id)
          .where('active', '=', true)
          .executeTakeFirst()
      : await db
          .selectFrom('programmes')
          .select('programme_id')
          .where('programme_id', '=', given.source.id)
          .executeTakeFirst();
  if (source === undefined)
    throw new RekindleError('not_found', {
      what: {
        en: `${given.source.kind} "${given.source.id}"`,
        zh: `${given.source.kind === 'segment' ? '分群' : '唤醒计划'}“${given.source.id}”`,
      },
    });
  if (NETWORKS[given.network].made === 'theirs' && given.remoteId === undefined)
    throw new RekindleError('invalid', {
      where: 'remoteId',
      what: {
        en: `make the audience at ${given.network} first, and give its id`,
        zh: `请先在 ${given.network} 创建人群包，再填写其 ID`,
      },
    });
  const made = await db
    .insertInto('audiences')
    .values({
      audience_id: given.audienceId,
      network: given.network,
      name: given.name,
      source_kind: given.source.kind,
      source_id: given.source.id,
      use: given.use,
      remote_id: given.remoteId ?? null,
      created_at: now(),
      closed_at: null,
      refreshed_at: null,
      synced_at: null,
      busy_until: null,
      code: null,
      detail: null,
      goes_on_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('audience_id')
    .executeTakeFirst();
  if (made === undefined)
    throw new RekindleError('conflict', {
      what: {
        en: `audience ${given.audienceId}, or one of the same source, network and use, exists`,
        zh: `人群包 ${given.audienceId} 已存在，或已有来源、网络与用途相同的人群包`,
      },
    });
  return showAudience(db, given.audienceId);
}

/** From the next sync on nobody is wanted in it. Throws `not_found`. */
export async function closeAudience({ db, now }: AudienceContext, audienceId: string): Promise<Audience> {
  await showAudience(db, audienceId);
  await db
    .updateTable('audiences')
    .set({ closed_at: now() })
    .where('audience_id', '=', audienceId)
    .where('closed_at', 'is', null)
    .execute();
  return showAudience(db, audienceId);
}
