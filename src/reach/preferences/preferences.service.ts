// What does this person want to receive? Her channels, topics, pause, rhythm, personalisation and objection as one state, and one change of it.
// Guarantee: a wish for less is in force when `changePreferences` resolves: nothing planned against it is left to send.
import { sql } from 'kysely';
import { DAY_MS } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Text } from '../../kernel/lang.ts';
import type { RecordsDb, RecordsTransaction } from '../../stores/records/records.ts';
import { inTransaction } from '../../stores/records/transactions.ts';
import type { Frequency } from '../arbiter/rules.ts';
import { CHANNEL_KEYS, CHANNELS, channelsOnConsent, CONSENT_CHANNELS } from '../channels/channels.ts';
import { recordConsents, suppress, type ConsentEntry, type Purpose } from '../consent/consent.service.ts';
import { recallMessages, stopMessages } from '../messages/ledger.sql.ts';
import { listTopics, type Topic } from './topics.service.ts';

export const PAUSE_DAYS = [30, 60, 90] as const;

export type ChannelWish = {
  /** The channel her consent is recorded under. */
  readonly channel: string;
  readonly label: Text;
  /** Enough of the address to know it again. */
  readonly hint: string;
  readonly on: boolean;
  readonly declinedTopics: readonly string[];
};

export type PreferenceState = {
  readonly personId: string;
  readonly language: string | null;
  readonly channels: readonly ChannelWish[];
  readonly topics: readonly Topic[];
  readonly pausedUntil: Date | null;
  readonly frequency: Frequency | null;
  readonly personal: boolean;
  readonly ads: boolean;
  readonly objectedAt: Date | null;
};

const WECHAT: Text = { en: 'WeChat', zh: '微信' };
function labelOf(consent: string): Text {
  if (consent === 'wechat') return WECHAT;
  const { en, zh } = CHANNELS[CHANNEL_KEYS.find((key) => CHANNELS[key].consent === consent) ?? 'email'];
  return { en, zh };
}

function hintOf(channel: string, email: string | null, phone: string | null): string {
  if (channel === 'email' && email !== null) return `${email.slice(0, 1)}…@${email.slice(email.lastIndexOf('@') + 1)}`;
  return channel === 'sms' && phone !== null ? `…${phone.slice(-4)}` : '';
}

type Address = { readonly channel: string; readonly key: string };
type Facts = {
  readonly email: string | null;
  readonly phone: string | null;
  readonly language: string | null;
  readonly objected_at: Date | null;
  readonly paused_until: Date | null;
  readonly frequency: Frequency | null;
  /** One per address she can be reached at: the channel's own key. */
  readonly addresses: readonly Address[];
  readonly consents: readonly {
    readonly channel: string;
    readonly purpose: Purpose;
    readonly status: 'granted' | 'withdrawn';
    readonly ended: boolean;
  }[];
  readonly suppressed: readonly string[];
  readonly declined: readonly { readonly channel: string; readonly topic_id: string }[];
  /** Her last word on personalisation is a no, as the sender reads it. */
  readonly wants_generic: boolean;
};

/** Everything the page shows, in one statement. */
async function factsOf(db: RecordsDb, personId: string, now: Date): Promise<Facts> {
  const { rows } = await sql<Facts>`
    WITH address AS (
      SELECT 'email' AS channel, email_key AS key FROM people WHERE person_id = ${personId} AND email_key IS NOT NULL
      UNION ALL SELECT 'sms', phone_key FROM people WHERE person_id = ${personId} AND phone_key IS NOT NULL
      UNION ALL SELECT channel, address_key FROM endpoints WHERE person_id = ${personId} AND disabled_at IS NULL
    ), latest AS (
      SELECT DISTINCT ON (channel, purpose) channel, purpose, status, expires_at <= ${now} IS TRUE AS ended FROM consents
      WHERE person_id = ${personId} AND decided_at <= ${now} ORDER BY channel, purpose, decided_at DESC, status DESC, consent_id DESC
    )
    SELECT pe.email, pe.phone, pe.language, rp.objected_at, rp.paused_until, rp.frequency,
      COALESCE((SELECT jsonb_agg(to_jsonb(a)) FROM address a), '[]') AS addresses,
      COALESCE((SELECT jsonb_agg(to_jsonb(l)) FROM latest l), '[]') AS consents,
      COALESCE((SELECT jsonb_agg(s.channel) FROM suppressions s WHERE s.kind = 'person' AND s.key = ${personId}), '[]')
        || COALESCE((SELECT jsonb_agg(a.channel) FROM suppressions s JOIN address a ON s.key = a.key AND s.channel IN ('*', a.channel)
            WHERE s.kind = 'address'), '[]') AS suppressed,
      COALESCE((SELECT jsonb_agg(jsonb_build_object('channel', t.channel, 'topic_id', t.topic_id)) FROM topic_preferences t
        WHERE t.person_id = ${personId} AND NOT t.wanted), '[]') AS declined,
      COALESCE((SELECT k.status = 'withdrawn' FROM consents k WHERE k.person_id = ${personId} AND k.purpose = 'profiling'
        ORDER BY k.decided_at DESC, k.status DESC LIMIT 1), false) AS wants_generic
    FROM people pe LEFT JOIN reach_profiles rp ON rp.person_id = pe.person_id WHERE pe.person_id = ${personId}`.execute(
    db,
  );
  const [row] = rows;
  if (row === undefined)
    throw new RekindleError('not_found', { what: { en: `person ${personId}`, zh: `用户 ${personId}` } });
  return row;
}

const consentOf = (key: string): string => CHANNELS[CHANNEL_KEYS.find((each) => each === key) ?? 'email'].consent;

function stateOf(personId: string, facts: Facts, topics: readonly Topic[]): PreferenceState {
  const said = (channel: string, purpose: Purpose) =>
    facts.consents.find((each) => each.channel === channel && each.purpose === purpose);
  const reachable = new Set([
    ...facts.addresses.map((address) => consentOf(address.channel)),
    ...facts.consents.filter((each) => each.purpose === 'marketing').map((each) => each.channel),
  ]);
  const isOff = (consent: string): boolean =>
    facts.suppressed.some((channel) => channel === '*' || consentOf(channel) === consent);
  return {
    personId,
    language: facts.language,
    channels: CONSENT_CHANNELS.filter((channel) => reachable.has(channel)).map((channel) => {
      const consent = said(channel, 'marketing');
      const isOptOut = channelsOnConsent(channel).some((key) => CHANNELS[key].basis === 'opt_out');
      const granted = consent === undefined ? isOptOut : consent.status === 'granted' && !consent.ended;
      return {
        channel,
        label: labelOf(channel),
        hint: hintOf(channel, facts.email, facts.phone),
        on: granted && !isOff(channel) && facts.objected_at === null,
        declinedTopics: facts.declined
          .filter((each) => each.channel === '*' || each.channel === channel)
          .map((each) => each.topic_id),
      };
    }),
    topics,
    pausedUntil: facts.paused_until,
    frequency: facts.frequency,
    personal: !facts.wants_generic,
    ads: said('ads', 'ads_audience')?.status === 'granted',
    objectedAt: facts.objected_at,
  };
}

/** Throws `not_found`. */
export async function preferencesOf(db: RecordsDb, personId: string, now: Date): Promise<PreferenceState> {
  return stateOf(personId, await factsOf(db, personId, now), await listTopics(db));
}

/** What is not named stays as it is. */
export type PreferenceChange = {
  readonly channels?: Readonly<Record<string, boolean>> | undefined;
  readonly topics?:
    readonly { readonly channel: string; readonly topicId: string; readonly wanted: boolean }[] | undefined;
  /** 0 ends a pause. */
  readonly pauseDays?: number | undefined;
  readonly frequency?: Frequency | null | undefined;
  readonly personal?: boolean | undefined;
  readonly ads?: boolean | undefined;
  readonly objects?: boolean | undefined;
  /** Off on every channel there is and every one that may come. */
  readonly stopAll?: boolean | undefined;
};

export type ChangeProof = {
  /** Where it was said: `preference-centre`, `api`… */
  readonly source: string;
  readonly textVersion: string;
  readonly proof: JsonObject;
};

type Work = {
  readonly tx: RecordsTransaction;
  readonly personId: string;
  readonly facts: Facts;
  readonly by: ChangeProof;
  readonly now: Date;
};

const entryOf = (
  { personId, by, now }: Work,
  what: { channel: string; purpose: Purpose; status: ConsentEntry['status']; basis: string },
): ConsentEntry => ({
  personId,
  ...what,
  textVersion: by.textVersion,
  source: by.source,
  proof: by.proof,
  decidedAt: now,
  expiresAt: null,
});

async function withdrawChannel(work: Work, channel: string, basis: string): Promise<void> {
  const { tx, personId, facts, now } = work;
  const said = facts.consents.find((each) => each.channel === channel && each.purpose === 'marketing');
  if (said?.status !== 'withdrawn')
    await recordConsents(tx, [entryOf(work, { channel, purpose: 'marketing', status: 'withdrawn', basis })]);
  const addresses = facts.addresses.filter((address) => consentOf(address.channel) === channel);
  await suppress(
    tx,
    addresses.map(({ channel: key, key: address }) => ({
      kind: 'address',
      key: address,
      channel: key,
      reason: 'unsubscribed',
    })),
    now,
  );
  for (const key of channelsOnConsent(channel))
    await stopMessages(tx, { personIds: [personId], channel: key, code: 'unsubscribed', now });
}

/** Her own yes takes back her own no, and nothing else: what bounced, complained or was erased stays. */
async function grantChannel(work: Work, channel: string): Promise<void> {
  const { tx, personId, facts } = work;
  await recordConsents(tx, [entryOf(work, { channel, purpose: 'marketing', status: 'granted', basis: 'express' })]);
  const keys = facts.addresses.filter((address) => consentOf(address.channel) === channel).map((each) => each.key);
  await sql`DELETE FROM suppressions WHERE reason = 'unsubscribed' AND (
    (kind = 'address' AND key = ANY(${keys}::text[]) AND channel = ANY(${[...channelsOnConsent(channel)]}::text[]))
    OR (kind = 'person' AND key = ${personId} AND channel IN ('*', ${channel})))`.execute(tx);
}

async function setObjection(work: Work, objects: boolean, purposes: readonly ConsentEntry[]): Promise<void> {
  const { tx, personId, now } = work;
  await sql`INSERT INTO reach_profiles (person_id, objected_at, updated_at) VALUES (${personId}, ${objects ? now : null}, ${now})
    ON CONFLICT (person_id) DO UPDATE SET objected_at = CASE WHEN ${objects} THEN COALESCE(reach_profiles.objected_at, EXCLUDED.objected_at) END,
      updated_at = EXCLUDED.updated_at`.execute(tx);
  if (!objects) return;
  await recordConsents(tx, purposes);
  await stopMessages(tx, { personIds: [personId], code: 'objected', now });
}

async function setTopics(work: Work, topics: NonNullable<PreferenceChange['topics']>): Promise<void> {
  if (topics.length === 0) return;
  const { tx, personId, now } = work;
  await sql`
    INSERT INTO topic_preferences (person_id, topic_id, channel, wanted, decided_at)
    SELECT ${personId}, topic_id, channel, wanted, ${now}
    FROM jsonb_to_recordset(${JSON.stringify(topics.map((each) => ({ topic_id: each.topicId, channel: each.channel, wanted: each.wanted })))}::jsonb)
      AS t (topic_id text, channel text, wanted boolean)
    ON CONFLICT (person_id, topic_id, channel) DO UPDATE SET wanted = EXCLUDED.wanted, decided_at = EXCLUDED.decided_at`.execute(
    tx,
  );
}

async function assertKnown(db: RecordsDb, change: PreferenceChange): Promise<void> {
  const channels = [...Object.keys(change.channels ?? {}), ...(change.topics ?? []).map((each) => each.channel)];
  const wrong = channels.find((channel) => channel !== '*' && !CONSENT_CHANNELS.some((each) => each === channel));
  if (wrong !== undefined)
    throw new RekindleError('invalid', {
      where: 'channels',
      what: { en: `there is no channel "${wrong}"`, zh: `没有渠道“${wrong}”` },
    });
  const known = new Set((await listTopics(db)).map((topic) => topic.topicId));
  const missing = (change.topics ?? []).find((each) => !known.has(each.topicId));
  if (missing !== undefined)
    throw new RekindleError('invalid', {
      where: 'topics',
      what: { en: `there is no topic "${missing.topicId}"`, zh: `没有主题“${missing.topicId}”` },
    });
}

/** Applies a change in one transaction. Throws `not_found` for nobody, `invalid` for a channel or topic that is none. */
export async function changePreferences(
  db: RecordsDb,
  personId: string,
  change: PreferenceChange,
  by: ChangeProof,
  now: Date,
): Promise<void> {
  await assertKnown(db, change);
  await inTransaction(db, async (tx) => {
    await sql`SELECT 1 FROM people WHERE person_id = ${personId} FOR UPDATE`.execute(tx);
    const facts = await factsOf(tx, personId, now);
    const before = stateOf(personId, facts, []);
    const work: Work = { tx, personId, facts, by, now };
    const objects = change.objects ?? before.objectedAt !== null;
    const isOn = (channel: string): boolean => before.channels.some((each) => each.channel === channel && each.on);
    for (const [channel, on] of Object.entries(change.channels ?? {})) {
      if (!on && (isOn(channel) || before.channels.every((each) => each.channel !== channel)))
        await withdrawChannel(work, channel, 'preference');
      // A yes beside a standing objection would contradict it; the objection is the stronger wish.
      if (on && !isOn(channel) && !objects) await grantChannel(work, channel);
    }
    if (change.stopAll === true) {
      for (const { channel } of before.channels) await withdrawChannel(work, channel, 'unsubscribe_all');
      await suppress(tx, [{ kind: 'person', key: personId, channel: '*', reason: 'unsubscribed' }], now);
    }
    await setTopics(work, change.topics ?? []);
    // A break, a rhythm, a topic, no personalisation: what was claimed before it was said must not leave as if nothing had been.
    if ([change.topics, change.pauseDays, change.frequency, change.personal].some((said) => said !== undefined))
      await recallMessages(tx, [personId]);
    if (change.personal !== undefined && change.personal !== before.personal)
      await recordConsents(tx, [
        entryOf(work, {
          channel: '*',
          purpose: 'profiling',
          status: change.personal ? 'granted' : 'withdrawn',
          basis: 'preference',
        }),
      ]);
    if (change.ads !== undefined && change.ads !== before.ads)
      await recordConsents(tx, [
        entryOf(work, {
          channel: 'ads',
          purpose: 'ads_audience',
          status: change.ads ? 'granted' : 'withdrawn',
          basis: change.ads ? 'express' : 'preference',
        }),
      ]);
    if (change.objects !== undefined && change.objects !== (before.objectedAt !== null)) {
      const no = (channel: string, purpose: Purpose): ConsentEntry =>
        entryOf(work, { channel, purpose, status: 'withdrawn', basis: 'objection' });
      await setObjection(work, change.objects, [
        ...before.channels.map((each) => no(each.channel, 'marketing')),
        no('*', 'profiling'),
        no('ads', 'ads_audience'),
      ]);
    }
    if (change.pauseDays !== undefined || change.frequency !== undefined) {
      const until =
        change.pauseDays === undefined || change.pauseDays === 0
          ? null
          : new Date(now.getTime() + change.pauseDays * DAY_MS);
      await sql`
        INSERT INTO reach_profiles (person_id, paused_until, frequency, updated_at)
        VALUES (${personId}, ${until}, ${change.frequency ?? null}, ${now})
        ON CONFLICT (person_id) DO UPDATE SET
          paused_until = CASE WHEN ${change.pauseDays !== undefined} THEN EXCLUDED.paused_until ELSE reach_profiles.paused_until END,
          frequency = CASE WHEN ${change.frequency !== undefined} THEN EXCLUDED.frequency ELSE reach_profiles.frequency END,
          updated_at = EXCLUDED.updated_at`.execute(tx);
    }
  });
}
