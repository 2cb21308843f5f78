// What is a template? The stored shape: of one kind, one text per language, and in each language a generic variant that uses nothing
// personal (the law wants one for people who refuse personalisation). A template that parses here can still fail the lint.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { issueText, inWords } from '../../kernel/issue.ts';
import type { Lang } from '../../kernel/lang.ts';
import type { TemplateKind } from '../channels/channels.ts';

const mailVersionSchema = z.strictObject({
  subject: z.string().min(1),
  preheader: z.string().optional(),
  mjml: z.string().min(1),
  genericSubject: z.string(),
  genericMjml: z.string(),
});

const line = z.string().min(1).max(2_000);
const link = z.string().min(1).max(2_000);
const button = z.strictObject({ label: z.string().min(1).max(200), url: link });

const smsSchema = z.strictObject({
  /** Without signature and without the way out: both are the provider's setting and are added to every text. */
  text: z.string().min(1).max(2_000),
  /** Providers that take only filed templates: their id and how its slots are filled (`"1"`, `"2"` where slots have no names). */
  providerTemplates: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
      z.strictObject({
        id: z.string().min(1).max(100),
        params: z.record(z.string().min(1).max(50), z.string().max(500)).default({}),
      }),
    )
    .optional(),
});

const pushSchema = z.strictObject({
  title: line,
  body: line,
  /** Where a tap leads; the business's site when absent. */
  url: link.optional(),
  imageUrl: link.optional(),
  /** Browsers show two at most. */
  buttons: z.array(button).max(2).optional(),
  urgency: z.enum(['low', 'normal', 'high']).optional(),
});

const inAppSchema = z.strictObject({
  /** `modal` and `splash` cover what she was doing: they are pop-ups in the eyes of the law. */
  layout: z.enum(['banner', 'card', 'modal', 'splash']).default('card'),
  title: line,
  body: line,
  imageUrl: link.optional(),
  buttons: z.array(button).max(2).optional(),
  /** A visible sign closes it with one click. */
  closable: z.boolean().default(true),
  /** Seconds before it can be closed. */
  closeAfterSeconds: z.number().int().min(0).max(60).default(0),
  /** Shown again on the page where it was closed. */
  repeats: z.boolean().default(false),
  /** Carries the word 广告 / Ad. */
  adLabel: z.boolean().default(true),
  /** `open`: when she opens the site or app, until she has returned. `welcome_back`: from her return on. */
  moment: z.enum(['open', 'welcome_back']).default('open'),
  /** Unless it was clicked or closed before: how often it is shown at most, and with how long a pause. */
  frequency: z
    .strictObject({
      shows: z.number().int().min(1).max(20).default(3),
      everyHours: z.number().min(0).max(720).default(12),
    })
    .default({ shows: 3, everyHours: 12 }),
  /** `{{ survey_url }}` or `{{ nps_url }}`: the question is asked in the message itself while its wave is open. */
  surveyUrl: link.optional(),
});

const wechatSchema = z
  .strictObject({
    /** WeChat's own id of the filed template; absent for a WeCom message, which is free text. */
    wechatTemplateId: z.string().min(1).max(100).optional(),
    page: z.string().max(1_000).optional(),
    url: link.optional(),
    /** `thing1`, `time2`…: the slots of the filed template. */
    data: z.record(z.string().regex(/^[a-z_]+\d*$/i), z.string().max(500)).default({}),
    text: z.string().min(1).max(4_000).optional(),
  })
  .refine((fields) => (fields.wechatTemplateId === undefined) !== (fields.text === undefined), {
    error: inWords('either wechatTemplateId with data, or text', '二选一：wechatTemplateId 加 data，或 text'),
  });

const webhookSchema = z.strictObject({
  event: z.string().min(1).max(100),
  data: z.record(z.string().min(1).max(100), z.string().max(10_000)).default({}),
});

const variantsOf = <Fields extends z.ZodType>(fields: Fields) => z.strictObject({ personal: fields, generic: fields });

const templateOf = <Kind extends TemplateKind, Version extends z.ZodType>(kind: Kind, version: Version) =>
  z.strictObject({
    key: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, inWords('lower-case letters, digits, - and _', '小写字母、数字、- 和 _')),
    kind: z.literal(kind),
    versions: z
      .strictObject({ en: version.optional(), zh: version.optional() })
      .refine(
        (versions) => versions.en !== undefined || versions.zh !== undefined,
        inWords('at least one language', '至少一种语言'),
      ),
  });

const templateSchema = z.discriminatedUnion('kind', [
  templateOf('email', mailVersionSchema),
  templateOf('sms', variantsOf(smsSchema)),
  templateOf('push', variantsOf(pushSchema)),
  templateOf('in_app', variantsOf(inAppSchema)),
  templateOf('wechat', variantsOf(wechatSchema)),
  templateOf('webhook', variantsOf(webhookSchema)),
]);

type Versions = {
  readonly email: MailVersion;
  readonly sms: Variants<'sms'>;
  readonly push: Variants<'push'>;
  readonly in_app: Variants<'in_app'>;
  readonly wechat: Variants<'wechat'>;
  readonly webhook: Variants<'webhook'>;
};

type Fields = {
  readonly sms: z.infer<typeof smsSchema>;
  readonly push: z.infer<typeof pushSchema>;
  readonly in_app: z.infer<typeof inAppSchema>;
  readonly wechat: z.infer<typeof wechatSchema>;
  readonly webhook: z.infer<typeof webhookSchema>;
};

export type Variant = 'personal' | 'generic';
/** The kinds whose versions are plain fields; a mail is compiled from MJML. */
export type FieldKind = keyof Fields;
export type FieldsOf<Kind extends FieldKind> = Fields[Kind];
type Variants<Kind extends FieldKind> = Readonly<Record<Variant, Fields[Kind]>>;

export type MailVersion = z.infer<typeof mailVersionSchema>;
/** A template of one of `Kind`; of any kind when it is not said. */
export type Template<Kind extends TemplateKind = TemplateKind> = {
  [Each in Kind]: {
    readonly key: string;
    readonly kind: Each;
    readonly versions: { readonly en?: Versions[Each] | undefined; readonly zh?: Versions[Each] | undefined };
  };
}[Kind];
export type MailTemplate = Template<'email'>;
/** The same, for code that serves any kind of plain fields. */
export type FieldTemplate<Kind extends FieldKind> = {
  readonly key: string;
  readonly kind: Kind;
  readonly versions: { readonly en?: Variants<Kind> | undefined; readonly zh?: Variants<Kind> | undefined };
};

export const LANGUAGES = ['en', 'zh'] as const satisfies readonly Lang[];
export const VARIANTS = ['personal', 'generic'] as const satisfies readonly Variant[];

/** The language that is really used: the other one where there are no words in the wished one. */
export const languageUsed = (has: Readonly<Partial<Record<Lang, unknown>>>, wished: Lang): Lang =>
  has[wished] ? wished : wished === 'en' ? 'zh' : 'en';

/** Mail templates were once told by their channel; what was saved then is still read. */
const modern = (input: unknown): unknown => {
  if (typeof input !== 'object' || input === null || !('channel' in input) || input.channel !== 'email') return input;
  const { channel, ...rest } = input;
  return { kind: channel, ...rest };
};

/** A template from untrusted JSON; throws `template_invalid` naming the first field that is wrong. */
export function parseTemplate(input: unknown): Template {
  const parsed = templateSchema.safeParse(modern(input));
  if (parsed.success) return parsed.data;
  const key = typeof input === 'object' && input !== null && 'key' in input ? input.key : undefined;
  const issue = parsed.error.issues[0];
  const [where, why] = [issue?.path.join('.') ?? '', issueText(issue)];
  throw new RekindleError('template_invalid', {
    template: typeof key === 'string' ? key : '?',
    what: { en: `${where}: ${why.en}`, zh: `${where}：${why.zh}` },
  });
}
