// Steering consent and suppression. Both are in force when the answer is written.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { addressKey, normalEmail, normalPhone } from '../../kernel/address.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords } from '../../kernel/issue.ts';
import { CHANNEL_KEYS, channelsOnConsent, CONSENT_CHANNELS } from '../../reach/channels/channels.ts';
import { askToConfirm, type AskedFate } from '../../reach/consent/asking.service.ts';
import { readConsentPolicy } from '../../reach/consent/consent-policy.service.ts';
import { assertTextVersions, saveConsentText } from '../../reach/consent/texts.service.ts';
import { PURPOSES, recordConsents, suppress } from '../../reach/consent/consent.service.ts';
import { recordGrants } from '../../reach/consent/grants.service.ts';
import { liftSuppression, listSuppressions, unknownPeople } from '../../reach/consent/consent.sql.ts';
import { stopMessages } from '../../reach/messages/ledger.sql.ts';
import { inTransaction } from '../../stores/records/transactions.ts';
import { BASIS_NAMES } from '../../reach/consent/bases.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

/** All of WeChat is one consent; otherwise a channel is its own. `ads` is for the purpose `ads_audience`. */
const channel = z.enum([...CONSENT_CHANNELS, 'ads']);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const consentSchema = z.strictObject({
  personId: z.string().min(1),
  channel,
  purpose: z.enum(PURPOSES).default('marketing'),
  /** The legal ground, one of `GET /api/vocabulary` (`consent_basis`). */
  basis: z.enum(BASIS_NAMES),
  textVersion: z.string().max(100).default(''),
  source: z.string().min(1).max(100).default('api'),
  proof: z.record(z.string(), z.unknown()).default({}),
  decidedAt: instant.optional(),
  expiresAt: instant.optional(),
});

const ENTRIES_MAX = 10_000;

/** What she confirms where the business named no words of ours. */
const signUpWords = (brand: string): { readonly textId: string; readonly en: string; readonly zh: string } => ({
  textId: 'sign-up',
  en: `Yes, ${brand} may send me news and offers by e-mail. I can withdraw this at any time.`,
  zh: `是的，我同意 ${brand} 通过电子邮件向我发送资讯与优惠。我可以随时撤回。`,
});

export const consentEndpoints = (app: App): readonly Endpoint[] => {
  const { db } = app.records;
  const now = app.clock.now;
  const assertKnown = async (personIds: readonly string[]): Promise<void> => {
    const [missing] = await unknownPeople(db, personIds);
    if (missing !== undefined)
      throw new RekindleError('not_found', { what: { en: `person ${missing}`, zh: `用户 ${missing}` } });
  };
  const askWaiting = async (
    entries: readonly z.output<typeof consentSchema>[],
    policy: Awaited<ReturnType<typeof readConsentPolicy>>['doubleOptIn'],
  ): Promise<readonly AskedFate[]> => {
    const at = now();
    await assertTextVersions(
      db,
      entries.map((entry) => entry.textVersion),
    );
    // The page shows her words of ours; a reference of the business's own goes into the proof.
    const { textId, version } = await saveConsentText(db, signUpWords(app.business.brand), at);
    const signUps = entries.map(({ personId, textVersion, source, proof }) =>
      textVersion.includes('@')
        ? { personId, textVersion, source, proof }
        : { personId, textVersion: `${textId}@${version}`, source, proof: { ...proof, shown: textVersion } },
    );
    return [...(await askToConfirm(db, signUps, policy, app.business, at)).values()];
  };
  return [
    endpoint({
      method: 'post',
      path: '/consents',
      need: 'people.write',
      summary:
        'Records that people agreed; nothing is recorded unless all of them are known. Where the consent policy asks for a double opt-in, a yes of this moment is asked about by mail instead',
      status: 201,
      body: z.strictObject({ entries: z.array(consentSchema).min(1).max(ENTRIES_MAX) }),
      refusals: ['not_found'],
      run: async ({ body }) => {
        await assertKnown(body.entries.map((entry) => entry.personId));
        const { doubleOptIn } = await readConsentPolicy(db);
        // A yes of this moment waits for its confirmation; one that was given before is history and stands as it is told.
        const waits = (entry: z.output<typeof consentSchema>): boolean =>
          doubleOptIn.channels.some((each) => each === entry.channel) &&
          entry.purpose === 'marketing' &&
          entry.basis === 'express' &&
          entry.decidedAt === undefined;
        const waiting = body.entries.filter(waits);
        const stands = body.entries.filter((entry) => !waits(entry));
        if (stands.length > 0) await recordGrants(db, stands, app.business.timeZone, now());
        if (waiting.length === 0) return { recorded: stands.length };
        const asked = await askWaiting(waiting, doubleOptIn);
        const count = (fate: AskedFate): number => asked.filter((each) => each === fate).length;
        return {
          recorded: stands.length,
          asked: count('asked'),
          notAsked: {
            already: count('already'),
            askedRecently: count('asked_recently'),
            askedOften: count('asked_often'),
            noAddress: count('no_address'),
          },
        };
      },
    }),
    endpoint({
      method: 'post',
      path: '/consents/withdraw',
      need: 'people.write',
      summary: 'Records that a person withdrew, and cancels what is planned for her on the channel',
      body: z.strictObject({
        personId: z.string().min(1),
        channel,
        purpose: z.enum(PURPOSES).default('marketing'),
        source: z.string().min(1).max(100).default('api'),
        proof: z.record(z.string(), z.unknown()).default({}),
      }),
      refusals: ['not_found'],
      run: async ({ body }) => {
        await assertKnown([body.personId]);
        const at = now();
        const stopped = await inTransaction(db, async (tx) => {
          await recordConsents(tx, [
            { ...body, status: 'withdrawn', basis: 'withdrawal', textVersion: '', decidedAt: at, expiresAt: null },
          ]);
          if (body.purpose !== 'marketing') return 0;
          let cancelled = 0;
          for (const each of channelsOnConsent(body.channel))
            cancelled += await stopMessages(tx, {
              personIds: [body.personId],
              channel: each,
              code: 'consent_withdrawn',
              now: at,
            });
          return cancelled;
        });
        return { personId: body.personId, withdrawn: true, stopped };
      },
    }),
    endpoint({
      method: 'get',
      path: '/suppressions',
      need: 'reach.read',
      summary: 'Who must not be contacted, the latest first. Addresses are keyed hashes',
      query: z.strictObject({
        /** A whole address or number, or a person's id. */
        search: z.string().max(254).optional(),
        page: z.coerce.number().int().min(1).default(1),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
      }),
      run: ({ query: { search, page, limit } }) => {
        const address = search === undefined ? undefined : (normalEmail(search) ?? normalPhone(search));
        const keys =
          search === undefined
            ? undefined
            : [search, ...(address === undefined ? [] : [addressKey(app.secrets.address, address)])];
        return listSuppressions(db, { limit, offset: (page - 1) * limit }, keys);
      },
    }),
    endpoint({
      method: 'post',
      path: '/suppressions/lift',
      need: 'people.write',
      summary: 'Takes an entry off the suppression list; what a person said herself, or the law, stays',
      body: z.strictObject({
        kind: z.enum(['person', 'address']),
        key: z.string().min(1).max(254),
        channel: z.enum([...CHANNEL_KEYS, '*']),
        /** Why: it stands in the audit log. */
        note: z.string().trim().min(3).max(500),
      }),
      refusals: ['conflict'],
      run: async ({ body }) => {
        if (!(await liftSuppression(db, body)))
          throw new RekindleError('conflict', {
            what: { en: 'there is no such entry that may be lifted', zh: '没有可以解除的该条记录' },
          });
        return { lifted: true };
      },
    }),
    endpoint({
      method: 'post',
      path: '/suppressions',
      need: 'people.write',
      summary: 'Puts a person or an address on the suppression list and cancels what is planned',
      status: 201,
      body: z
        .strictObject({
          personId: z.string().min(1).optional(),
          email: z.string().optional(),
          phone: z.string().optional(),
          channel: z.enum([...CHANNEL_KEYS, '*']).default('*'),
          reason: z.string().min(1).max(100).default('manual'),
        })
        .refine((body) => [body.personId, body.email, body.phone].filter((given) => given !== undefined).length === 1, {
          error: inWords('give exactly one of personId, email and phone', 'personId、email、phone 须且只能填一项'),
        }),
      run: async ({ body }) => {
        const { personId } = body;
        const address = personId === undefined ? (normalEmail(body.email ?? '') ?? normalPhone(body.phone ?? '')) : '';
        if (address === undefined)
          throw new RekindleError('invalid', {
            where: body.email === undefined ? 'body.phone' : 'body.email',
            what:
              body.email === undefined
                ? { en: 'expected a number like +4917012345678', zh: '须为形如 +8613800138000 的号码' }
                : { en: 'not an e-mail address', zh: '不是邮箱地址' },
          });
        const entry =
          personId === undefined
            ? ({ kind: 'address', key: addressKey(app.secrets.address, address) } as const)
            : ({ kind: 'person', key: personId } as const);
        await suppress(db, [{ ...entry, channel: body.channel, reason: body.reason }], now());
        return { ...entry, channel: body.channel, reason: body.reason };
      },
    }),
  ];
};
