// Steering consent and suppression. Both are in force when the answer is written.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { addressKey, normalEmail, normalPhone } from '../../kernel/address.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { CHANNEL_KEYS, channelsOnConsent, CONSENT_CHANNELS } from '../../reach/channels/channels.ts';
import { PURPOSES, recordConsents, suppress } from '../../reach/consent/consent.service.ts';
import { recordGrants } from '../../reach/consent/grants.service.ts';
import { liftSuppression, listSuppressions, unknownPeople } from '../../reach/consent/consent.sql.ts';
import { stopMessages } from '../../reach/messages/ledger.sql.ts';
import { inTransaction } from '../../stores/records/transactions.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

/** All of WeChat is one consent; otherwise a channel is its own. `ads` is for the purpose `ads_audience`. */
const channel = z.enum([...CONSENT_CHANNELS, 'ads']);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const consentSchema = z.strictObject({
  personId: z.string().min(1),
  channel,
  purpose: z.enum(PURPOSES).default('marketing'),
  /** The legal ground: `express`, `implied_purchase`, `implied_inquiry`, `imported`… */
  basis: z.string().min(1).max(60),
  textVersion: z.string().max(100).default(''),
  source: z.string().min(1).max(100).default('api'),
  proof: z.record(z.string(), z.unknown()).default({}),
  decidedAt: instant.optional(),
  expiresAt: instant.optional(),
});

const ENTRIES_MAX = 10_000;

export const consentEndpoints = (app: App): readonly Endpoint[] => {
  const { db } = app.records;
  const now = app.clock.now;
  const assertKnown = async (personIds: readonly string[]): Promise<void> => {
    const [missing] = await unknownPeople(db, personIds);
    if (missing !== undefined) throw new RekindleError('not_found', { what: `person ${missing}` });
  };
  return [
    endpoint({
      method: 'post',
      path: '/consents',
      need: 'people.write',
      summary: 'Records that people agreed; nothing is recorded unless all of them are known',
      status: 201,
      body: z.strictObject({ entries: z.array(consentSchema).min(1).max(ENTRIES_MAX) }),
      refusals: ['not_found'],
      run: async ({ body }) => {
        await assertKnown(body.entries.map((entry) => entry.personId));
        await recordGrants(db, body.entries, app.business.timeZone, now());
        return { recorded: body.entries.length };
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
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
      }),
      run: async ({ query: { search, limit } }) => {
        if (search === undefined) return { suppressions: await listSuppressions(db, limit) };
        const address = normalEmail(search) ?? normalPhone(search);
        const keys = [search, ...(address === undefined ? [] : [addressKey(app.secrets.address, address)])];
        return { suppressions: await listSuppressions(db, limit, keys) };
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
      }),
      refusals: ['conflict'],
      run: async ({ body }) => {
        if (!(await liftSuppression(db, body)))
          throw new RekindleError('conflict', { what: 'there is no such entry that may be lifted' });
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
          error: 'give exactly one of personId, email and phone',
        }),
      run: async ({ body }) => {
        const { personId } = body;
        const address = personId === undefined ? (normalEmail(body.email ?? '') ?? normalPhone(body.phone ?? '')) : '';
        if (address === undefined)
          throw new RekindleError('invalid', {
            where: body.email === undefined ? 'body.phone' : 'body.email',
            what: body.email === undefined ? 'expected a number like +4917012345678' : 'not an e-mail address',
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
