// What the benches of sending have in common: a shop, people it may write to, and a mail server in a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { upsertPeople } from '../src/collect/people/people.sql.ts';
import { DEFAULT_REACH_RULES } from '../src/reach/arbiter/rules.ts';
import { recordConsents } from '../src/reach/consent/consent.service.ts';
import type { RecordsDb } from '../src/stores/records/records.ts';
import { consent } from '../test/support/rows.ts';

export const BUSINESS = {
  brand: 'Bench Shop',
  postalAddress: '1 Test Road, Bath BA1 1AA',
  websiteUrl: 'https://shop.example',
  timeZone: 'UTC',
  currency: 'USD',
  rates: [],
  defaultLanguage: 'en',
  fromAddress: 'hello@shop.example',
  publicUrl: 'https://m.shop.example',
  globalControlBuckets: 0,
  marginShare: 0.4,
} as const;

/** Nobody is held back. */
export const RULES = { ...DEFAULT_REACH_RULES, quiet: null, globalControlBuckets: 0 };

export type Sink = {
  readonly url: string;
  /** How many mails it has. */
  readonly taken: () => Promise<number>;
  readonly close: () => void;
};

export async function startSink(): Promise<Sink> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('sink.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const nextLine = async (): Promise<string> => {
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    return text.toString().trim();
  };
  return {
    url: await nextLine(),
    taken: async () => {
      child.stdin.write('?');
      return Number(await nextLine());
    },
    close: () => void child.stdin.end(),
  };
}

/** People with a mailbox each who agreed to be written to. */
export async function addMailable(db: RecordsDb, personIds: readonly string[], at: Date): Promise<void> {
  await upsertPeople(
    db,
    personIds.map((id) => ({
      person_id: id,
      email: `${id}@mail.example`,
      phone: null,
      email_key: `key-${id}`,
      own_cluster: id,
      phone_key: null,
      first_name: 'Ann',
      language: 'en',
      country: null,
      time_zone: null,
      traits: {},
      at,
    })),
  );
  await recordConsents(
    db,
    personIds.map((personId) => consent(personId, { source: 'bench' })),
  );
}
