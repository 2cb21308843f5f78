// Steering templates: saved in versions, linted, previewed.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { addDays, dayIn } from '../../kernel/days.ts';
import { compileTemplate, lintTemplate, renderTemplate } from '../../reach/templates/kinds.ts';
import { lintText } from '../../reach/templates/lint.ts';
import { STARTER_TEMPLATES } from '../../reach/templates/starter-library.ts';
import { LANGUAGES, parseTemplate, VARIANTS } from '../../reach/templates/template.ts';
import { activeTemplate, listTemplates, loadTemplate, saveTemplate } from '../../reach/templates/templates.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

/** Checked by the template's own parser, whose refusals name the template. */
const anyTemplate = z.unknown();

export const templateEndpoints = (app: App): readonly Endpoint[] => {
  const { db } = app.records;
  return [
    endpoint({
      method: 'get',
      path: '/templates',
      need: 'templates.read',
      summary: 'Every template with its active version, and the ready-made ones that are not saved yet',
      run: async () => {
        const templates = await listTemplates(db);
        const saved = new Set(templates.map((template) => template.templateId));
        return { templates, starters: STARTER_TEMPLATES.map(({ key }) => key).filter((key) => !saved.has(key)) };
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
      summary: 'Saves the ready-made templates that are not there yet; existing ones stay as they are',
      run: async () => {
        const saved = new Set((await listTemplates(db)).map((template) => template.templateId));
        const added: string[] = [];
        for (const template of STARTER_TEMPLATES) {
          if (saved.has(template.key)) continue;
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
      summary: 'Renders a template (given whole, or a saved one by id) for a person like the given one',
      body: z
        .strictObject({
          templateId: z.string().optional(),
          template: anyTemplate.optional(),
          lang: z.enum(LANGUAGES).optional(),
          variant: z.enum(VARIANTS).default('personal'),
          person: z.strictObject({ firstName: z.string().optional(), lastName: z.string().optional() }).default({}),
        })
        .refine((body) => (body.templateId === undefined) !== (body.template === undefined), {
          error: 'give either templateId or template',
        }),
      refusals: ['not_found', 'template_invalid'],
      run: async ({ body }) => {
        const { business } = app;
        const id = body.templateId;
        const template =
          body.template === undefined
            ? await loadTemplate(db, id ?? '', (await activeTemplate(db, id ?? '')).version)
            : parseTemplate(body.template);
        return renderTemplate(await compileTemplate(template), {
          lang: body.lang ?? business.defaultLanguage,
          variant: body.variant,
          context: {
            person: body.person,
            brand: { name: business.brand, address: business.postalAddress, url: business.websiteUrl },
            coupon: {
              code: 'SAMPLE-1234',
              amountText: '10%',
              expiresOn: addDays(dayIn(app.clock.now(), business.timeZone), 14),
            },
            unsubscribeUrl: `${business.publicUrl}/u/sample`,
          },
        });
      },
    }),
    endpoint({
      method: 'get',
      path: '/templates/{templateId}',
      need: 'templates.read',
      summary: 'A template: its active version, or the one asked for',
      query: z.strictObject({ version: z.coerce.number().int().min(1).optional() }),
      refusals: ['not_found'],
      run: async ({ params, query }) => {
        const version = query.version ?? (await activeTemplate(db, params.templateId)).version;
        return {
          templateId: params.templateId,
          version,
          template: await loadTemplate(db, params.templateId, version),
        };
      },
    }),
  ];
};
