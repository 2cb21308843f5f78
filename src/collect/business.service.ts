// The business profile and the installation's own secrets, kept in the records store.
import { z } from 'zod';
import type { Business } from '../kernel/business.ts';
import { RekindleError } from '../kernel/errors.ts';
import { newSecret } from '../kernel/ids.ts';
import type { RecordsDb } from '../stores/records/records.ts';
import { settingOr, writeSetting } from '../stores/records/settings.ts';

const timeZone = z.string().refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', {
  error: 'not an IANA time zone',
});

export const businessSchema = z.strictObject({
  brand: z.string().min(1).max(100),
  postalAddress: z.string().min(1).max(300),
  websiteUrl: z.url(),
  timeZone,
  currency: z.string().regex(/^[A-Z]{3}$/, 'a three-letter currency code'),
  defaultLanguage: z.enum(['en', 'zh']),
  fromAddress: z.email(),
  publicUrl: z.url().transform((url) => url.replace(/\/$/, '')),
  globalControlBuckets: z.number().int().min(0).max(2_000),
  marginShare: z.number().min(0).max(1),
});

const DEFAULTS: Business = {
  brand: 'My shop',
  postalAddress: 'Set your postal address with: rekindle serve --address',
  websiteUrl: 'http://localhost',
  timeZone: 'UTC',
  currency: 'USD',
  defaultLanguage: 'en',
  fromAddress: 'hello@localhost.localdomain',
  publicUrl: 'http://localhost:8420',
  globalControlBuckets: 200,
  marginShare: 0.4,
};

const NEEDED = ['brand', 'postalAddress', 'websiteUrl', 'fromAddress', 'publicUrl'] as const;

/** Fields without which no mail to a stranger is lawful or even works, as long as they hold their defaults. */
export const unfinishedFields = (business: Business): (typeof NEEDED)[number][] =>
  NEEDED.filter((field) => business[field] === DEFAULTS[field]);

/** The profile, with defaults where nothing was said yet. */
export async function loadBusiness(db: RecordsDb): Promise<Business> {
  const stored = await settingOr(db, 'business', () => DEFAULTS);
  return businessSchema.parse({ ...DEFAULTS, ...(stored as object) });
}

/** Changes some fields. Throws `invalid` naming the first wrong one. */
export async function saveBusiness(db: RecordsDb, change: Partial<Business>): Promise<Business> {
  const parsed = businessSchema.safeParse({ ...(await loadBusiness(db)), ...change });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new RekindleError('invalid', {
      where: `business.${issue?.path.join('.') ?? ''}`,
      what: issue?.message ?? 'malformed',
    });
  }
  await writeSetting(db, 'business', parsed.data);
  return parsed.data;
}

export type Secrets = { readonly address: string; readonly token: string };

/** Made once per installation. Losing them would orphan every unsubscribe link and every suppression, so they live with the records. `given` are those of a simulation. */
export async function loadSecrets(db: RecordsDb, given?: Secrets): Promise<Secrets> {
  return z
    .strictObject({ address: z.string(), token: z.string() })
    .parse(await settingOr(db, 'secrets', () => given ?? { address: newSecret(32), token: newSecret(32) }));
}

/** Signs the cookies of the console and seals second factors; made once per installation. */
export const loadAccountSecret = async (db: RecordsDb): Promise<string> =>
  z.string().parse(await settingOr(db, 'account_secret', () => newSecret(48)));
