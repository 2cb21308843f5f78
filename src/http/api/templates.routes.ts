// Steering templates: saved in versions, linted, previewed.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { linkedPeople } from '../../collect/people/people.sql.ts';
import { addDays, dayIn } from '../../kernel/days.ts';
import { conditionsText, termsSchema } from '../../decide/offers/kinds.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Lang } from '../../kernel/lang.ts';
import { CHANNEL_KEYS } from '../../reach/channels/channels.ts';
import { finishedLength, finishedSms } from '../../reach/channels/sms/sms-text.ts';
import { compileTemplate, lintTemplate, renderTemplate } from '../../reach/templates/kinds.ts';
import { VARIABLES, type MailContext } from '../../reach/templates/context.ts';
import { lintText, SAMPLE } from '../../reach/templates/lint.ts';
import { STARTER_LIBRARY } from '../../reach/templates/starter-library.ts';
import { LANGUAGES, parseTemplate, VARIANTS, type Template, type Variant } from '../../reach/templates/template.ts';
import {
  activeTemplate,
  languagesOf,
  listTemplates,
  loadTemplate,
  saveTemplate,
  versionsOf,
} from '../../reach/templates/templates.service.ts';
import { personToShow } from '../../reach/templates/preview-person.service.ts';
import { testedVia } from '../../reach/channels/connection-test.service.ts';
import { sendTest } from '../../reach/templates/test-send.service.ts';
import { endpoint, versionGiven, type Endpoint } from './endpoint.ts';

/** What the coupon of a preview stands for. */
const SAMPLE_COUPON = termsSchema.parse({ kind: 'coupon', percentOff: 10, maxDiscountCents: 3_000, validDays: 14 });

/** Checked by the template's own parser, whose refusals name the template. */
const anyTemplate = z.unknown();

/** What to render, in which language and variant, and for whom: somebody made up, or a person of ours. */
const asked = z.strictObject({
  templateId: z.string().optional(),
  template: anyTemplate.optional(),
  lang: z.enum(LANGUAGES).optional(),
  variant: z.enum(VARIANTS).default('personal'),
  person: z.strictObject({ firstName: z.string().optional(), lastName: z.string().optional() }).default({}),
  personId: z.string().min(1).optional(),
});
const oneTemplate = (body: { templateId?: string | undefined; template?: unknown }): boolean =>
  (body.templateId === undefined) !== (body.template === undefined);
const ONE_TEMPLATE = { error: 'give either templateId or template' };

export const templateEndpoints = (app: App): readonly Endpoint[] => {
  const { db } = app.records;
  const templateOf = async (body: z.output<typeof asked>): Promise<Template> => {
    const id = body.templateId;
    return id === undefined
      ? parseTemplate(body.template)
      : loadTemplate(db, id, (await activeTemplate(db, id)).version);
  };
  /** As the person would get it: her name, language and products, and the generic variant if she wants no profiling. */
  const requestOf = async (
    body: z.output<typeof asked>,
  ): Promise<{ readonly lang: Lang; readonly variant: Variant; readonly context: MailContext }> => {
    const { business } = app;
    const given = body.personId;
    const personId = given === undefined ? undefined : ((await linkedPeople(db, [given])).get(given) ?? given);
    const person = personId === undefined ? undefined : await personToShow(db, personId);
    const lang = body.lang ?? person?.lang ?? business.defaultLanguage;
    const products =
      personId === undefined
        ? SAMPLE.products?.map((product, i) => ({
            ...product,
            name: lang === 'zh' ? `示例商品 ${i + 1}` : product.name,
            currency: business.currency,
          }))
        : (await app.recommendations.recommendationsFor([personId]))
            .get(personId)
            ?.map((product) => ({ ...product, reason: product.reason[lang], currency: business.currency }));
    return {
      lang,
      variant: person?.wantsGeneric === true ? 'generic' : body.variant,
      context: {
        person: person ?? body.person,
        brand: { name: business.brand, address: business.postalAddress, url: business.websiteUrl },
        coupon: {
          code: 'SAMPLE-1234',
          amountText: lang === 'zh' ? '9 折' : '10% off',
          conditions: conditionsText(SAMPLE_COUPON, business.currency, lang),
          expiresOn: addDays(dayIn(app.clock.now(), business.timeZone), 14),
        },
        products,
        unsubscribeUrl: `${business.publicUrl}/u/sample`,
      },
    };
  };
  return [
    endpoint({
      method: 'get',
      path: '/templates',
      need: 'templates.read',
      summary: 'Every template with its active version, and the ready-made ones that are not saved yet',
      run: async () => {
        const templates = await listTemplates(db);
        const saved = new Set(templates.map((template) => template.templateId));
        const ready = STARTER_LIBRARY.filter(({ key }) => !saved.has(key));
        return {
          templates,
          starters: ready.map(({ key }) => key),
          library: ready.map((template) => ({
            templateId: template.key,
            kind: template.kind,
            languages: languagesOf(template),
          })),
          variables: VARIABLES,
        };
      },
    }),
    endpoint({
      method: 'post',
      path: '/templates',
      need: 'templates.write',
      summary: 'Saves a template as its next version and makes it the active one',
      status: 201,
      body: anyTemplate,
      answer: z.strictObject({ templateId: z.string(), version: z.int() }),
      refusals: ['template_invalid'],
      run: ({ body }) => saveTemplate(db, body, app.clock.now()),
    }),
    endpoint({
      method: 'post',
      path: '/templates/starters',
      need: 'templates.write',
      summary:
        'Saves the ready-made templates, all or those named, that are not there yet; existing ones stay as they are',
      body: z.strictObject({ templateIds: z.array(z.string()).max(100).optional() }),
      refusals: ['not_found'],
      run: async ({ body: { templateIds } }) => {
        const unknown = templateIds?.find((id) => !STARTER_LIBRARY.some(({ key }) => key === id));
        if (unknown !== undefined)
          throw new RekindleError('not_found', {
            what: { en: `ready-made template ${unknown}`, zh: `现成模板 ${unknown}` },
          });
        const saved = new Set((await listTemplates(db)).map((template) => template.templateId));
        const added: string[] = [];
        for (const template of STARTER_LIBRARY) {
          if (saved.has(template.key) || templateIds?.includes(template.key) === false) continue;
          await saveTemplate(db, template, app.clock.now());
          added.push(template.key);
        }
        return { added };
      },
    }),
    endpoint({
      method: 'post',
      path: '/templates/lint',
      need: 'templates.read',
      summary: 'Says what is wrong with a template, without saving it',
      body: anyTemplate,
      refusals: ['template_invalid'],
      run: async ({ body }) => {
        const findings = await lintTemplate(parseTemplate(body));
        return {
          sendable: findings.every((found) => found.severity !== 'error'),
          findings: findings.map((found) => ({
            ...found,
            text: { en: lintText(found, 'en'), zh: lintText(found, 'zh') },
          })),
        };
      },
    }),
    endpoint({
      method: 'post',
      path: '/templates/preview',
      need: 'templates.read',
      summary: 'Renders a template (given whole, or a saved one by id) for a person of ours, or one like the given',
      body: asked.refine(oneTemplate, ONE_TEMPLATE),
      refusals: ['not_found', 'template_invalid'],
      run: async ({ body }) => {
        const rendered = renderTemplate(await compileTemplate(await templateOf(body)), await requestOf(body));
        if (rendered.kind !== 'sms') return rendered;
        // As it leaves for the mainland, and for elsewhere.
        const frames = { mainland: app.sms.frameFor('+86'), abroad: app.sms.frameFor('+1') };
        const length = (frame: (typeof frames)['abroad']) => {
          const { alphabet, units, segments, left } = finishedLength(rendered.fields.text, frame);
          return { text: finishedSms(rendered.fields.text, frame), alphabet, units, segments, left };
        };
        return { ...rendered, finished: { mainland: length(frames.mainland), abroad: length(frames.abroad) } };
      },
    }),
    endpoint({
      method: 'post',
      path: '/templates/test-send',
      need: 'templates.write',
      summary:
        'Sends one marked test to an address of your own, or (in_app) into the inbox of a person by her id or token; who is suppressed gets none',
      body: asked
        .extend({ channel: z.enum(CHANNEL_KEYS), to: z.string().min(1).max(2_000) })
        .refine(oneTemplate, ONE_TEMPLATE),
      refusals: ['not_found', 'template_invalid', 'conflict', 'person_token_invalid'],
      run: async ({ body }) => {
        const { channel, to } = body;
        const isPreview = channel === 'email' && app.mailIsPreview();
        const outcome = await sendTest(
          {
            db,
            addressSecret: app.secrets.address,
            business: app.business,
            checkPerson: app.checkPerson,
            ...app.tests,
          },
          { template: await templateOf(body), channel, to, ...(await requestOf(body)) },
          app.clock.now(),
        );
        return { outcome, via: testedVia(outcome, isPreview, app.providers()[channel]) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/templates/{templateId}',
      need: 'templates.read',
      summary: 'A template: its active version, or the one asked for',
      query: z.strictObject({ version: z.coerce.number().int().min(1).optional() }),
      refusals: ['not_found'],
      // Nothing there yet is version 0.
      version: (answer) => (answer as { readonly version: number } | undefined)?.version ?? 0,
      run: async ({ params, query }) => {
        const version = query.version ?? (await activeTemplate(db, params.templateId)).version;
        return {
          templateId: params.templateId,
          version,
          template: await loadTemplate(db, params.templateId, version),
          versions: await versionsOf(db, params.templateId),
        };
      },
    }),
    endpoint({
      method: 'put',
      path: '/templates/{templateId}',
      need: 'templates.write',
      summary:
        'Saves the next version of a template and makes it the active one. `If-Match`: the version it was made from, "0" for a new one',
      body: anyTemplate,
      refusals: ['template_invalid', 'changed_elsewhere'],
      run: async ({ params, body, ifMatch }) => {
        const template = parseTemplate(body);
        if (template.key !== params.templateId)
          throw new RekindleError('invalid', {
            where: 'body.key',
            what: { en: `expected "${params.templateId}"`, zh: `须为“${params.templateId}”` },
          });
        return saveTemplate(db, template, app.clock.now(), versionGiven(ifMatch));
      },
    }),
  ];
};
