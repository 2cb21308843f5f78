// Where devices sign on and off: a browser's subscription or an app's token, with the public write key. A person token says for certain whose
// device it is, and only with one a consent given on the device is believed.
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import type { KeyCheck } from '../../../collect/keys.service.ts';
import { actorOf } from '../../../collect/ingest/incoming.ts';
import { linkedPeople } from '../../../collect/people/people.sql.ts';
import { RekindleError } from '../../../kernel/errors.ts';
import { issueText, inWords } from '../../../kernel/issue.ts';
import { storableJson } from '../../../kernel/json.ts';
import type { RecordsDb } from '../../../stores/records/records.ts';
import { recordConsents } from '../../consent/consent.service.ts';
import type { PersonCheck } from '../../inbox/person-check.service.ts';
import { disableEndpoints, endpointKey, registerEndpoint, type NewEndpoint } from '../endpoints.service.ts';
import { isPushService } from './push-service.ts';

const BODY_CHARS_MAX = 10_000;

const id = z.string().min(1).max(255);
const who = {
  writeKey: z.string().min(1),
  userId: id.optional(),
  anonymousId: id.optional(),
  personToken: z.string().min(1).optional(),
};
const consent = z.strictObject({ textVersion: z.string().min(1).max(100) }).optional();
const subscription = z.object({
  endpoint: z
    .url()
    .max(2_000)
    .refine(isPushService, inWords('is no push service of a known browser', '不是已知浏览器的推送服务')),
  keys: z.object({
    p256dh: z
      .string()
      .regex(/^[\w-]{87}=?$/, inWords('an uncompressed P-256 key, base64url', '未压缩的 P-256 公钥（base64url）')),
    auth: z.string().regex(/^[\w-]{22}=*$/, inWords('16 bytes, base64url', '须为 16 字节的 base64url')),
  }),
});
const signOn = z.discriminatedUnion('kind', [
  z.strictObject({
    ...who,
    kind: z.literal('web_push'),
    subscription,
    replaces: z.string().max(2_000).optional(),
    consent,
  }),
  z.strictObject({
    ...who,
    kind: z.literal('app_push'),
    provider: z.enum(['fcm', 'apns']),
    token: z.string().regex(/^[\w:.-]{1,1000}$/, inWords('a device token', '设备令牌')),
    consent,
  }),
]);
const signOff = z.discriminatedUnion('kind', [
  z.strictObject({ ...who, kind: z.literal('web_push'), subscription: z.object({ endpoint: z.string().max(2_000) }) }),
  z.strictObject({
    ...who,
    kind: z.literal('app_push'),
    provider: z.enum(['fcm', 'apns']),
    token: z.string().max(1_000),
  }),
]);

const BODY_TOO_LARGE = {
  what: { en: 'The body', zh: '请求体' },
  limit: { en: `${BODY_CHARS_MAX} characters`, zh: `${BODY_CHARS_MAX} 个字符` },
};

async function bodyOf<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  const text = await c.req.text();
  if (text.length > BODY_CHARS_MAX) throw new RekindleError('too_large', BODY_TOO_LARGE);
  let given: unknown;
  try {
    given = storableJson(text);
  } catch (cause) {
    throw new RekindleError('body_not_json', { what: cause instanceof Error ? cause.message : '' }, { cause });
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RekindleError('invalid', { where: issue?.path.join('.') || 'body', what: issueText(issue) });
}

type Address = Pick<NewEndpoint, 'channel' | 'provider' | 'address'>;
const addressOf = (body: z.output<typeof signOff>): Address =>
  body.kind === 'web_push'
    ? { channel: 'web_push', provider: 'webpush', address: body.subscription.endpoint }
    : { channel: 'app_push', provider: body.provider, address: body.token };

export type DevicesContext = {
  readonly db: RecordsDb;
  readonly checkKey: KeyCheck;
  readonly checkPerson: PersonCheck;
  readonly addressSecret: string;
  readonly now: () => Date;
};

export function devicesRoutes(context: DevicesContext): Hono {
  const routes = new Hono();
  const { db, addressSecret, now } = context;

  /** Whose a renewed subscription is: its browser knows only the one it had before. */
  const ownerOf = async (address: Address): Promise<string | undefined> =>
    (
      await db
        .selectFrom('endpoints')
        .select('person_id')
        .where('channel', '=', address.channel)
        .where('address_key', '=', endpointKey(addressSecret, address))
        .where('disabled_at', 'is', null)
        .executeTakeFirst()
    )?.person_id;

  routes.post('/v1/endpoints', async (c) => {
    const body = await bodyOf(c, signOn);
    await context.checkKey(body.writeKey, 'write');
    const proven = body.personToken === undefined ? undefined : await context.checkPerson(`Bearer ${body.personToken}`);
    if (body.consent !== undefined && proven === undefined)
      throw new RekindleError('invalid', {
        where: 'consent',
        what: { en: 'is believed only with a personToken', zh: '须同时提供 personToken 才予采信' },
      });
    const address = addressOf(body);
    const replaced: Address | undefined =
      body.kind === 'web_push' && body.replaces !== undefined
        ? { channel: 'web_push', provider: 'webpush', address: body.replaces }
        : undefined;
    const actor =
      proven ??
      actorOf(body.userId, body.anonymousId) ??
      (replaced === undefined ? undefined : await ownerOf(replaced));
    if (actor === undefined)
      throw new RekindleError('invalid', {
        where: 'userId',
        what: { en: 'say whose device this is: userId or personToken', zh: '请说明设备属于谁：userId 或 personToken' },
      });
    const details = body.kind === 'web_push' ? body.subscription.keys : {};
    const { endpointId } = await registerEndpoint(db, { personId: actor, ...address, details }, addressSecret, now());
    if (replaced !== undefined && replaced.address !== address.address)
      await disableEndpoints(db, 'web_push', [endpointKey(addressSecret, replaced)], 'replaced', now());
    if (body.consent !== undefined && proven !== undefined) {
      const personId = (await linkedPeople(db, [proven])).get(proven) ?? proven;
      await recordConsents(db, [
        {
          personId,
          channel: body.kind,
          purpose: 'marketing',
          status: 'granted',
          basis: 'express',
          textVersion: body.consent.textVersion,
          source: 'sdk',
          proof: { endpointId, userAgent: c.req.header('user-agent') ?? '' },
          decidedAt: now(),
          expiresAt: null,
        },
      ]);
    }
    return c.json({ endpointId }, 201);
  });

  routes.delete('/v1/endpoints', async (c) => {
    const body = await bodyOf(c, signOff);
    await context.checkKey(body.writeKey, 'write');
    // Whoever holds the address of a device may sign it off: nobody else knows it.
    const address = addressOf(body);
    const key = endpointKey(addressSecret, address);
    return c.json({ disabled: await disableEndpoints(db, address.channel, [key], 'signed_out', now()) });
  });
  return routes;
}
