// Steering what people may choose and have chosen: topics, the words of a consent, one person's preferences and her links, double opt-in, quotas.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { linkedPeople } from '../../collect/people/people.sql.ts';
import { keepObjections } from '../../collect/people/objections.service.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords } from '../../kernel/issue.ts';
import { filledByTemplates } from '../../reach/arbiter/filled-templates.sql.ts';
import { giveQuota } from '../../reach/arbiter/quotas.sql.ts';
import { FREQUENCIES, QUOTA_CHANNELS, REFUSABLE_CHANNELS, type Frequency } from '../../reach/arbiter/rules.ts';
import { unknownPeople } from '../../reach/consent/consent.sql.ts';
import { askTemplate, askToConfirm } from '../../reach/consent/asking.service.ts';
import {
  consentPolicySchema,
  readConsentPolicy,
  saveConsentPolicy,
} from '../../reach/consent/consent-policy.service.ts';
import { assertTextVersions } from '../../reach/consent/texts.service.ts';
import { requestConsent } from '../../reach/consent/double-opt-in.service.ts';
import { consentTextSchema, listConsentTexts, saveConsentText } from '../../reach/consent/texts.service.ts';
import { newPreferenceLink } from '../../reach/preferences/preference-links.service.ts';
import { changePreferences, preferencesOf } from '../../reach/preferences/preferences.service.ts';
import { listTopics, retireTopic, saveTopic, topicSchema } from '../../reach/preferences/topics.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const proof = z.record(z.string(), z.unknown()).default({});
const frequency = z.enum(Object.keys(FREQUENCIES) as [Frequency, ...Frequency[]]);

export const preferenceEndpoints = (app: App): readonly Endpoint[] => {
  const { records, clock, business } = app;
  const { db } = records;
  const now = clock.now;
  const currentId = async (personId: string): Promise<string> =>
    (await linkedPeople(db, [personId])).get(personId) ?? personId;
  const assertKnown = async (personIds: readonly string[]): Promise<void> => {
    const [missing] = await unknownPeople(db, personIds);
    if (missing !== undefined)
      throw new RekindleError('not_found', { what: { en: `person ${missing}`, zh: `用户 ${missing}` } });
  };
  /** What a template of ours stands for when people subscribe to it: the one that it fills, or itself where it fills none. */
  const onlyOneFilled = async (templateIds: readonly string[]): Promise<(templateId: string) => string> => {
    const filled = await filledByTemplates(db, [...new Set(templateIds)]);
    return (templateId) => {
      const [first, second] = filled.get(templateId) ?? [];
      if (first === undefined)
        throw new RekindleError('not_found', {
          what: { en: `template ${templateId}`, zh: `模板 ${templateId}` },
        });
      if (second !== undefined)
        throw new RekindleError('invalid', {
          where: 'templateId',
          what: {
            en: `${templateId} fills ${first} and ${second}: give the wechatTemplateId that she accepted`,
            zh: `${templateId} 对应 ${first} 和 ${second}：请改填用户同意的 wechatTemplateId`,
          },
        });
      return first;
    };
  };
  return [
    endpoint({
      method: 'get',
      path: '/topics',
      need: 'reach.read',
      summary: 'What people can choose to hear about',
      run: async () => ({ topics: await listTopics(db) }),
    }),
    endpoint({
      method: 'post',
      path: '/topics',
      need: 'reach.write',
      summary: 'Adds a topic, or renames it',
      status: 201,
      body: topicSchema,
      run: async ({ body }) => saveTopic(db, body, now()),
    }),
    endpoint({
      method: 'delete',
      path: '/topics/{topicId}',
      need: 'reach.write',
      summary: 'Takes a topic off the list',
      refusals: ['not_found'],
      run: async ({ params }) => {
        await retireTopic(db, params.topicId, now());
        return { topicId: params.topicId, retired: true };
      },
    }),
    endpoint({
      method: 'get',
      path: '/consent-texts',
      need: 'reach.read',
      summary: 'The words people agreed to, in every version',
      run: async () => ({ texts: await listConsentTexts(db) }),
    }),
    endpoint({
      method: 'post',
      path: '/consent-texts',
      need: 'reach.write',
      summary: 'Saves the words of a consent under their next version; the same words again stay the version they are',
      status: 201,
      body: consentTextSchema,
      run: async ({ body }) => saveConsentText(db, body, now()),
    }),
    endpoint({
      method: 'post',
      path: '/consent-requests',
      need: 'people.write',
      summary:
        'Asks for a consent that she confirms by a signed link (double opt-in); nothing is allowed before she did. Where the consent policy asks for it the mail goes out by itself, and the link is in nobody’s hands but hers',
      status: 201,
      body: z.strictObject({
        personId: z.string().min(1),
        channel: z.enum(['email', 'sms']),
        textVersion: z.string().min(1).max(100),
        language: z.enum(['en', 'zh']).optional(),
        source: z.string().min(1).max(100).default('api'),
        proof,
      }),
      refusals: ['not_found', 'conflict', 'asked_already'],
      run: async ({ body }) => {
        const personId = await currentId(body.personId);
        const { doubleOptIn } = await readConsentPolicy(db);
        if (body.channel === 'email' && doubleOptIn.channels.includes('email')) {
          await assertKnown([personId]);
          if (!body.textVersion.includes('@'))
            throw new RekindleError('not_found', {
              what: { en: `consent text ${body.textVersion}`, zh: `同意文本 ${body.textVersion}` },
            });
          await assertTextVersions(db, [body.textVersion]);
          const fates = await askToConfirm(db, [{ ...body, personId }], doubleOptIn, business, now());
          const fate = fates.get(personId) ?? 'no_address';
          if (fate === 'no_address')
            throw new RekindleError('conflict', {
              what: { en: `${personId} has no address for email`, zh: `${personId} 没有邮箱地址` },
            });
          if (fate === 'asked_recently' || fate === 'asked_often')
            throw new RekindleError('asked_already', { person: personId, what: fate });
          return { mailed: fate === 'asked', confirmed: fate === 'already' };
        }
        const language = body.language ?? business.defaultLanguage;
        const asked = await requestConsent(app.tracking, { ...body, language, personId }, now());
        return { requestId: asked.requestId, url: business.publicUrl + asked.path, expiresAt: asked.expiresAt };
      },
    }),
    endpoint({
      method: 'get',
      path: '/consent-policy',
      need: 'reach.read',
      summary: 'Whether a sign-up must be confirmed by mail, how often we ask and how long the link works',
      run: () => readConsentPolicy(db),
    }),
    endpoint({
      method: 'put',
      path: '/consent-policy',
      need: 'reach.write',
      summary: 'Changes it; sign-ups from now on are held to it',
      body: consentPolicySchema,
      refusals: ['not_found'],
      run: async ({ body }) => {
        await askTemplate(db, body.doubleOptIn.templateId, now());
        await saveConsentPolicy(db, body);
        return body;
      },
    }),
    endpoint({
      method: 'get',
      path: '/people/{personId}/preferences',
      need: 'people.read',
      summary: 'What she wants to receive',
      refusals: ['not_found'],
      run: async ({ params }) => preferencesOf(db, await currentId(params.personId), now()),
    }),
    endpoint({
      method: 'patch',
      path: '/people/{personId}/preferences',
      need: 'people.write',
      summary: 'Records what she asked for by another way than her own link; in force when this answers',
      body: z.strictObject({
        channels: z.record(z.string(), z.boolean()).optional(),
        topics: z
          .array(z.strictObject({ channel: z.string(), topicId: z.string(), wanted: z.boolean() }))
          .max(500)
          .optional(),
        pauseDays: z.number().int().min(0).max(365).optional(),
        frequency: frequency.nullable().optional(),
        personal: z.boolean().optional(),
        ads: z.boolean().optional(),
        objects: z.boolean().optional(),
        stopAll: z.literal(true).optional(),
        source: z.string().min(1).max(100).default('api'),
        textVersion: z.string().max(100).default(''),
        proof,
      }),
      refusals: ['not_found'],
      run: async ({ params, body }) => {
        const personId = await currentId(params.personId);
        const { source, textVersion, proof: how, ...change } = body;
        await changePreferences(db, personId, change, { source, textVersion, proof: how }, now());
        if (body.objects !== undefined) await keepObjections(app, now());
        return preferencesOf(db, personId, now());
      },
    }),
    endpoint({
      method: 'post',
      path: '/people/{personId}/preference-link',
      need: 'people.write',
      summary:
        'A link to her preferences that is not in a message: for an account page, a receipt, an answer to her letter',
      status: 201,
      body: z.strictObject({ days: z.number().int().min(1).max(365).default(60) }),
      refusals: ['not_found'],
      run: async ({ params, body }) => {
        const personId = await currentId(params.personId);
        await assertKnown([personId]);
        const { path, expiresAt } = await newPreferenceLink(app.tracking, personId, body.days, now());
        return { url: business.publicUrl + path, expiresAt };
      },
    }),
    endpoint({
      method: 'post',
      path: '/quotas',
      need: 'people.write',
      summary:
        'Adds subscriptions that people accepted, one message each, to a template of WeChat’s or to the one that a template of yours fills; the same key adds nothing twice',
      status: 201,
      body: z.strictObject({
        gifts: z
          .array(
            z
              .strictObject({
                key: z.string().min(1).max(200),
                personId: z.string().min(1),
                channel: z.enum([...QUOTA_CHANNELS, ...REFUSABLE_CHANNELS]),
                /** What she accepted, by WeChat's name. */
                wechatTemplateId: z.string().min(1).max(200).optional(),
                /** Or a template of yours, where it fills only one of WeChat's. */
                templateId: z.string().min(1).max(200).optional(),
                count: z.number().int().min(1).max(100).default(1),
              })
              .refine((gift) => (gift.wechatTemplateId === undefined) !== (gift.templateId === undefined), {
                error: inWords('either wechatTemplateId or templateId', 'wechatTemplateId 与 templateId 二选一'),
              }),
          )
          .min(1)
          .max(5_000),
      }),
      refusals: ['not_found'],
      run: async ({ body }) => {
        await assertKnown(body.gifts.map((gift) => gift.personId));
        const subscribedTo = await onlyOneFilled(body.gifts.flatMap((gift) => gift.templateId ?? []));
        const gifts = body.gifts.map(({ key, personId, channel, count, templateId, wechatTemplateId }) => ({
          key,
          personId,
          channel,
          count,
          providerTemplateId: wechatTemplateId ?? subscribedTo(templateId ?? ''),
        }));
        return { added: await giveQuota(db, gifts, now()) };
      },
    }),
  ];
};
