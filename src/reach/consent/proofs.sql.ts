// The proof of every consent, in pages: who said what to which words, when and how, with the words themselves. For one person, for a list of
// addresses, or for everybody.
import { sql } from 'kysely';
import type { JsonObject } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

export type ConsentProof = {
  readonly consentId: string;
  readonly personId: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly channel: string;
  readonly purpose: string;
  readonly status: string;
  readonly basis: string;
  readonly textVersion: string;
  /** The words of that version, where they are ours. */
  readonly text: { readonly en: string; readonly zh: string } | null;
  readonly source: string;
  readonly proof: JsonObject;
  readonly decidedAt: string;
  readonly expiresAt: string | null;
};

export type ProofFilter = {
  /** Nobody named means everybody. */
  readonly personIds: readonly string[];
  /** Keyed hashes of addresses. */
  readonly addressKeys: readonly string[];
  readonly channel?: string | undefined;
};

const PAGE = 5_000;

/** In the order of the ledger's ids, so that a page begins where the last one ended. */
export async function* consentProofs(db: RecordsDb, filter: ProofFilter): AsyncGenerator<readonly ConsentProof[]> {
  const isEverybody = filter.personIds.length === 0 && filter.addressKeys.length === 0;
  for (let after = ''; ;) {
    const { rows } = await sql<ConsentProof>`
      SELECT k.consent_id AS "consentId", k.person_id AS "personId", pe.email, pe.phone, k.channel, k.purpose, k.status, k.basis,
        k.text_version AS "textVersion", t.definition - 'textId' AS text, k.source, k.proof,
        to_char(k.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "decidedAt",
        to_char(k.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "expiresAt"
      FROM consents k
      LEFT JOIN people pe ON pe.person_id = k.person_id
      LEFT JOIN consent_texts t ON t.text_id || '@' || t.version = k.text_version
      WHERE k.consent_id > ${after} AND (${filter.channel ?? null}::text IS NULL OR k.channel = ${filter.channel ?? null})
        AND (${isEverybody} OR k.person_id = ANY(${[...filter.personIds]}::text[])
          OR k.person_id IN (SELECT person_id FROM people WHERE email_key = ANY(${[...filter.addressKeys]}::text[])
            OR phone_key = ANY(${[...filter.addressKeys]}::text[])))
      ORDER BY k.consent_id LIMIT ${PAGE}`.execute(db);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.consentId;
  }
}

const COLUMNS = ['consentId', 'personId', 'email', 'phone', 'channel', 'purpose', 'status', 'basis', 'textVersion', 'text', 'source', 'proof', 'decidedAt', 'expiresAt'] as const; // prettier-ignore

/** A cell that a spreadsheet takes for text: quoted, and never the beginning of a formula, in marks of either width. */
function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^\+\d+$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const proofHeader = COLUMNS.join(',');
export const proofLine = (proof: ConsentProof): string => COLUMNS.map((column) => cell(proof[column])).join(',');
