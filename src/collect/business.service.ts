// The business profile and the installation's own secrets, kept in the records store.
import { z } from 'zod';
import type { Business } from '../kernel/business.ts';
import { dayText } from '../kernel/days.ts';
import { RekindleError } from '../kernel/errors.ts';
import { newSecret } from '../kernel/ids.ts';
import { inWords, issueText } from '../kernel/issue.ts';
import type { Text } from '../kernel/lang.ts';
import type { RecordsDb } from '../stores/records/records.ts';
import { readSetting, settingOr, writeSetting } from '../stores/records/settings.ts';

const timeZone = z.string().refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', {
  error: inWords('not an IANA time zone', '不是 IANA 时区名称（如 Asia/Shanghai）'),
});

const currency = z.string().regex(/^[A-Z]{3}$/, inWords('a three-letter currency code', '须为三个字母的货币代码'));

/** Enough for a rate a month of thirty currencies over five years. */
const RATES_MAX = 2_000;

const rates = z
  .array(
    z.strictObject({
      currency,
      from: z.iso.date('not a date like 2026-11-27'),
      rate: z.number().positive().max(1e9),
    }),
  )
  .max(RATES_MAX);

export const businessSchema = z.strictObject({
  brand: z.string().min(1).max(100),
  postalAddress: z.string().min(1).max(300),
  websiteUrl: z.url(),
  timeZone,
  currency,
  rates,
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
  rates: [],
  defaultLanguage: 'en',
  fromAddress: 'hello@localhost.localdomain',
  publicUrl: 'http://localhost:8420',
  globalControlBuckets: 200,
  marginShare: 0.4,
};

const NEEDED = ['brand', 'postalAddress', 'websiteUrl', 'fromAddress', 'publicUrl'] as const;

/**
 * Fields without which no mail to a stranger is lawful or even works, as long as they hold their defaults. Where mail leaves this machine, the way out of it
 * has to be reached from anywhere by one click (RFC 8058: https); the address a server was started at is not.
 */
export const unfinishedFields = (business: Business, mailLeaves = false): (typeof NEEDED)[number][] =>
  NEEDED.filter(
    (field) =>
      business[field] === DEFAULTS[field] ||
      (field === 'publicUrl' && mailLeaves && !business.publicUrl.startsWith('https://')),
  );

/** What somebody has said of the profile. Installations from before this was told apart hold all of it. */
const saidOfBusiness = async (db: RecordsDb): Promise<Partial<Business>> =>
  ((await readSetting(db, 'business')) ?? {}) as Partial<Business>;

/** The profile, with defaults where nothing was said yet. */
export async function loadBusiness(db: RecordsDb): Promise<Business> {
  return businessSchema.parse({ ...DEFAULTS, ...(await saidOfBusiness(db)) });
}

/** Whether anybody has said which currency is the business's own. */
export const hasCurrency = async (db: RecordsDb): Promise<boolean> => (await saidOfBusiness(db)).currency !== undefined;

/** What no single field can tell of the rates. */
function wrongRates(before: Business, after: Business): Text | undefined {
  const { currency: own, rates: given } = after;
  if (given.some((rate) => rate.currency === own))
    return {
      en: `${own} is the business's own currency and needs no rate`,
      zh: `${own} 是企业自己的货币，无需汇率`,
    };
  const twice = given.find(
    (rate, i) => given.findIndex(({ currency: code, from }) => code === rate.currency && from === rate.from) !== i,
  );
  if (twice !== undefined)
    return {
      en: `there are two rates of ${twice.currency} from ${twice.from}`,
      zh: `${twice.currency} 自 ${dayText(twice.from, 'zh')}起有两个汇率`,
    };
  // A rate says what a currency is worth in the business's own: in another one the same number is wrong.
  return own !== before.currency && given.length > 0 && JSON.stringify(given) === JSON.stringify(before.rates)
    ? {
        en: `these are rates into ${before.currency}: with a new currency give them anew, or none`,
        zh: `这些汇率折合为 ${before.currency}：更换货币时请重新填写或清空`,
      }
    : undefined;
}

/** Changes some fields. Throws `invalid` naming the first wrong one. */
export async function saveBusiness(db: RecordsDb, change: Partial<Business>): Promise<Business> {
  const said = await saidOfBusiness(db);
  const before = businessSchema.parse({ ...DEFAULTS, ...said });
  const parsed = businessSchema.safeParse({ ...before, ...change });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new RekindleError('invalid', {
      where: `business.${issue?.path.join('.') ?? ''}`,
      what: issueText(issue),
    });
  }
  const wrong = wrongRates(before, parsed.data);
  if (wrong !== undefined) throw new RekindleError('invalid', { where: 'business.rates', what: wrong });
  // What nobody has said stays unsaid.
  const changed = Object.fromEntries(Object.entries(parsed.data).filter(([field]) => field in change));
  await writeSetting(db, 'business', { ...said, ...changed });
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
