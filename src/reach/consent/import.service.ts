// Consents and opt-outs from another tool's file: opt-outs become suppressions before anybody becomes a contact, and a yes from there never
// answers a no that was said here. Rows that cannot be read are named with their reason.
import { sql } from 'kysely';
import { savePeople, type PeopleStores } from '../../collect/people/people.service.ts';
import { personUpdateOf } from '../../collect/people/person.ts';
import { addressKey, normalEmail, normalPhone } from '../../kernel/address.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Text } from '../../kernel/lang.ts';
import { recordConsents, suppress, type ConsentEntry, type Suppression } from './consent.service.ts';
import { meaningOf, wordOf, type Meaning } from './foreign-columns.ts';

export type ForeignFile = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Number of the first row, for the reasons. */
  readonly firstRow: number;
  /** Where it came from, for the ledger. */
  readonly source: string;
  /** `optOuts` first over the whole file, then `all`: a file in parts keeps its promise only so. */
  readonly phase: 'optOuts' | 'all';
};

export type ForeignResult = {
  readonly columns: readonly { readonly column: string; readonly meaning: string }[];
  readonly suppressed: number;
  readonly granted: number;
  readonly created: number;
  /** A yes that an earlier no of hers outweighs. */
  readonly keptWithdrawn: number;
  readonly rejected: readonly { readonly row: number; readonly reason: Text }[];
};

type Contact = {
  readonly row: number;
  readonly id: string | undefined;
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly firstName: string | undefined;
  readonly outs: ReadonlySet<'email' | 'sms' | '*'>;
  readonly yeses: ReadonlySet<'email' | 'sms'>;
  readonly decidedAt: Date | undefined;
  readonly proof: Readonly<Record<string, string>>;
};

type Known = { readonly column: string; readonly at: number; readonly meaning: Meaning };

function contactOf(known: readonly Known[], cells: readonly string[], row: number, now: Date): Contact | Text {
  const cellOf = (kind: Meaning['kind']): string =>
    known.flatMap(({ at, meaning }) => (meaning.kind === kind ? (cells[at] ?? '').trim() : [])).find(Boolean) ?? '';
  const outs = new Set<'email' | 'sms' | '*'>();
  const yeses = new Set<'email' | 'sms'>();
  for (const { column, at, meaning } of known) {
    if (!('channel' in meaning)) continue;
    const word = wordOf(meaning, cells[at] ?? '');
    if (word === 'unclear') {
      const said = (cells[at] ?? '').slice(0, 40);
      return { en: `unclear "${said}" in ${column}`, zh: `${column} 列的“${said}”含义不明` };
    }
    if (word === 'out' || word === 'no') outs.add(meaning.channel);
    if (word === 'yes' && meaning.channel !== '*') yeses.add(meaning.channel);
  }
  const [id, email, phone] = [
    cellOf('person') || undefined,
    normalEmail(cellOf('email')),
    normalPhone(cellOf('phone')),
  ];
  if (id === undefined && email === undefined && phone === undefined)
    return { en: 'no id, e-mail address or number', zh: '没有用户编号、邮箱或手机号' };
  const when = cellOf('decidedAt');
  // Mailchimp writes "2026-11-22 10:00:00" and means UTC.
  const decidedAt =
    when === '' ? undefined : new Date(/^\d{4}-\d{2}-\d{2} [\d:]+$/.test(when) ? `${when.replace(' ', 'T')}Z` : when);
  if (decidedAt !== undefined && Number.isNaN(decidedAt.getTime()))
    return { en: `not a time: ${when.slice(0, 40)}`, zh: `不是有效的时间：${when.slice(0, 40)}` };
  if (decidedAt !== undefined && decidedAt > now && yeses.size > 0)
    return { en: 'agreed in the future', zh: '同意时间在将来' };
  const proof = Object.fromEntries(
    known.flatMap(({ column, at, meaning }) =>
      meaning.kind === 'proof' && (cells[at] ?? '') !== '' ? [[column, cells[at] ?? '']] : [],
    ),
  );
  return { row, id, email, phone, firstName: cellOf('firstName') || undefined, outs, yeses, decidedAt, proof };
}

/** Addresses on the channels that were refused; the person herself where the file names no address for them. */
function suppressionsOf(contact: Contact, secret: string): Suppression[] {
  const found: Suppression[] = [];
  const isOff = (channel: 'email' | 'sms'): boolean => contact.outs.has('*') || contact.outs.has(channel);
  const reason = 'imported_opt_out';
  for (const [channel, address] of [
    ['email', contact.email],
    ['sms', contact.phone],
  ] as const) {
    // prettier-ignore
    if (!isOff(channel)) continue;
    if (address !== undefined) found.push({ kind: 'address', key: addressKey(secret, address), channel, reason });
    else if (contact.id !== undefined && contact.outs.has(channel))
      found.push({ kind: 'person', key: contact.id, channel, reason });
  }
  if (contact.outs.has('*') && contact.id !== undefined)
    found.push({ kind: 'person', key: contact.id, channel: '*', reason });
  return found;
}

type Person = {
  readonly row: number;
  readonly person_id: string;
  readonly lacks_email: boolean;
  readonly lacks_phone: boolean;
  readonly withdrawn: readonly { readonly channel: string; readonly at: string }[];
};

/** Who of these is known, by id, address or number, and where her last word is a no. */
async function peopleOf(
  stores: PeopleStores,
  contacts: readonly Contact[],
  secret: string,
): Promise<ReadonlyMap<number, Person>> {
  const asked = contacts.map((each) => ({
    row: each.row,
    id: each.id ?? null,
    email_key: each.email === undefined ? null : addressKey(secret, each.email),
    phone_key: each.phone === undefined ? null : addressKey(secret, each.phone),
  }));
  const { rows } = await sql<Person>`
    WITH asked AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS a (row int, id text, email_key text, phone_key text)
    ), found AS (
      SELECT a.row, COALESCE(
        (SELECT person_id FROM people WHERE person_id = a.id), (SELECT person_id FROM person_links WHERE actor_id = a.id),
        CASE WHEN a.id IS NULL THEN (SELECT person_id FROM people WHERE email_key = a.email_key ORDER BY created_at, person_id LIMIT 1) END,
        CASE WHEN a.id IS NULL THEN (SELECT person_id FROM people WHERE phone_key = a.phone_key ORDER BY created_at, person_id LIMIT 1) END) AS person_id
      FROM asked a)
    SELECT f.row, f.person_id, p.email_key IS NULL AS lacks_email, p.phone_key IS NULL AS lacks_phone, COALESCE((SELECT jsonb_agg(jsonb_build_object('channel', l.channel, 'at', l.decided_at)) FROM (
        SELECT DISTINCT ON (channel) channel, status, decided_at FROM consents k WHERE k.person_id = f.person_id AND k.purpose = 'marketing'
        ORDER BY channel, decided_at DESC, status DESC) l WHERE l.status = 'withdrawn'), '[]') AS withdrawn
    FROM found f JOIN people p ON p.person_id = f.person_id`.execute(stores.records.db);
  return new Map(rows.map((row) => [row.row, row]));
}

/** Reads a part of a file. Throws `columns_unclear` when no column names anybody, or none says a word about consent. */
export async function importConsents(
  stores: PeopleStores & { readonly addressSecret: string },
  file: ForeignFile,
  now: Date,
): Promise<ForeignResult> {
  const { db } = stores.records;
  const secret = stores.addressSecret;
  const known = file.columns.flatMap((column, at): Known[] => {
    const meaning = meaningOf(column);
    return meaning === undefined ? [] : [{ column, at, meaning }];
  });
  const names = (kinds: readonly string[]): boolean => known.some(({ meaning }) => kinds.includes(meaning.kind));
  if (!names(['person', 'email', 'phone']) || !names(['optOut', 'optIn', 'status', 'happened']))
    throw new RekindleError('columns_unclear', {
      path: file.source,
      what: {
        en: `expected a column for the person or her address, and one for her consent or opt-out. The columns are: ${file.columns.join(', ')}`,
        zh: `需要一列标明用户（编号、邮箱或手机号），一列标明其同意或退订。现有列：${file.columns.join('、')}`,
      },
    });
  const rejected: ForeignResult['rejected'][number][] = [];
  const contacts: Contact[] = [];
  for (const [i, cells] of file.rows.entries()) {
    const contact = contactOf(known, cells, file.firstRow + i, now);
    if ('en' in contact) rejected.push({ row: file.firstRow + i, reason: contact });
    else contacts.push(contact);
  }
  const suppressions = contacts.flatMap((contact) => suppressionsOf(contact, secret));
  await suppress(db, suppressions, now);
  const columns = known.map(({ column, meaning }) => ({
    column,
    meaning: 'channel' in meaning ? `${meaning.kind}:${meaning.channel}` : meaning.kind,
  }));
  const result = { columns, suppressed: suppressions.length, granted: 0, created: 0, keptWithdrawn: 0, rejected };
  if (file.phase === 'optOuts') return result;

  const before = await peopleOf(stores, contacts, secret);
  const fresh = contacts.filter((contact) => !before.has(contact.row));
  // Whoever is known by her id and has no address yet gets the file's; an address that is known is never replaced.
  const completed = contacts.flatMap((contact) => {
    const person = before.get(contact.row);
    if (person === undefined || contact.id === undefined) return [];
    const email = person.lacks_email ? contact.email : undefined;
    const phone = person.lacks_phone ? contact.phone : undefined;
    return email === undefined && phone === undefined ? [] : [personUpdateOf(person.person_id, { email, phone }, now)];
  });
  await savePeople(stores, completed);
  await savePeople(
    stores,
    fresh.map((contact) =>
      personUpdateOf(
        contact.id ?? contact.email ?? contact.phone ?? '',
        { email: contact.email, phone: contact.phone, firstName: contact.firstName },
        now,
      ),
    ),
  );
  const people = fresh.length === 0 ? before : await peopleOf(stores, contacts, secret);
  const entries: ConsentEntry[] = [];
  for (const contact of contacts) {
    const person = people.get(contact.row);
    if (person === undefined) continue;
    const entry = (channel: string, status: ConsentEntry['status']): ConsentEntry => ({
      personId: person.person_id,
      channel,
      purpose: 'marketing',
      status,
      basis: 'imported',
      textVersion: '',
      source: file.source,
      proof: { ...contact.proof, row: contact.row, ...(contact.decidedAt === undefined ? { undated: true } : {}) },
      decidedAt: status === 'granted' ? (contact.decidedAt ?? now) : now,
      expiresAt: null,
    });
    const isOut = (channel: 'email' | 'sms'): boolean => contact.outs.has(channel) || contact.outs.has('*');
    for (const channel of ['email', 'sms'] as const) {
      const no = person.withdrawn.find((each) => each.channel === channel);
      if (isOut(channel)) {
        if (no === undefined) entries.push(entry(channel, 'withdrawn'));
        continue;
      }
      if (!contact.yeses.has(channel)) continue;
      const isLater = contact.decidedAt !== undefined && no !== undefined && contact.decidedAt > new Date(no.at);
      if (no === undefined || isLater) entries.push(entry(channel, 'granted'));
      else result.keptWithdrawn++;
    }
  }
  await db.transaction().execute((tx) => recordConsents(tx, entries));
  return { ...result, granted: entries.filter((each) => each.status === 'granted').length, created: fresh.length };
}
