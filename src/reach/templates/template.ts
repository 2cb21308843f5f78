// What is a mail template? The stored shape: one text per language, and in each language a generic variant that uses nothing
// personal (the law wants one for people who refuse personalisation). A template that parses here can still fail the lint.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import type { Lang } from '../../kernel/lang.ts';

const mailVersionSchema = z.strictObject({
  subject: z.string().min(1),
  preheader: z.string().optional(),
  mjml: z.string().min(1),
  genericSubject: z.string(),
  genericMjml: z.string(),
});

export const mailTemplateSchema = z.strictObject({
  key: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'lower-case letters, digits, - and _'),
  channel: z.literal('email'),
  versions: z
    .strictObject({ en: mailVersionSchema.optional(), zh: mailVersionSchema.optional() })
    .refine((versions) => versions.en ?? versions.zh, 'at least one language'),
});

export type MailVersion = z.infer<typeof mailVersionSchema>;
export type MailTemplate = z.infer<typeof mailTemplateSchema>;
export type Variant = 'personal' | 'generic';

export const LANGUAGES = ['en', 'zh'] as const satisfies readonly Lang[];
export const VARIANTS = ['personal', 'generic'] as const satisfies readonly Variant[];

/** A template from untrusted JSON; throws `template_invalid` naming the first field that is wrong. */
export function parseTemplate(input: unknown): MailTemplate {
  const parsed = mailTemplateSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const key = typeof input === 'object' && input !== null && 'key' in input ? input.key : undefined;
  const issue = parsed.error.issues[0];
  throw new RekindleError('template_invalid', {
    template: typeof key === 'string' ? key : '?',
    what: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`,
  });
}
