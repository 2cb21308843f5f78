// What we say: templates by kind, their versions, what is wrong with them, and how they look to somebody.
import type { Lang, Text } from '../../kernel/lang.ts';

export type TemplateKind = 'email' | 'sms' | 'push' | 'in_app' | 'wechat' | 'webhook';
export type TemplateVariant = 'personal' | 'generic';

/** A template as it is saved; what its versions hold depends on its kind (`reach/templates/template.ts`). */
export type TemplateBody = {
  readonly key: string;
  readonly kind: TemplateKind;
  readonly versions: { readonly [Each in Lang]?: Readonly<Record<string, unknown>> | undefined };
};

export type TemplateLine = {
  readonly templateId: string;
  readonly kind: TemplateKind;
  readonly languages: readonly Lang[];
  readonly version: number;
  readonly savedAt: string;
};

export type TemplateFinding = {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly lang?: Lang;
  readonly variant?: TemplateVariant;
  readonly detail: string;
  readonly text: Text;
};

type Asked = {
  readonly template: TemplateBody;
  readonly lang?: Lang;
  readonly variant?: TemplateVariant;
  readonly personId?: string;
};

export type FinishedSms = {
  readonly text: string;
  readonly alphabet: string;
  readonly units: number;
  readonly segments: number;
  readonly left: number;
};

type Rendered = { readonly lang: Lang; readonly variant: TemplateVariant; readonly links: readonly string[] };

export type TemplatePreview = Rendered &
  (
    | { readonly kind: 'email'; readonly subject: string; readonly html: string; readonly text: string }
    | {
        readonly kind: 'sms';
        readonly fields: { readonly text: string };
        readonly finished: { readonly mainland: FinishedSms; readonly abroad: FinishedSms };
      }
    | {
        readonly kind: 'push' | 'in_app' | 'wechat' | 'webhook';
        readonly fields: { readonly [Name: string]: unknown };
      }
  );

export type TestOutcome =
  | { readonly kind: 'sent'; readonly providerId: string; readonly response: string }
  | { readonly kind: 'rejected' | 'deferred'; readonly code: string; readonly detail: string }
  | { readonly kind: 'unavailable' | 'unknown'; readonly detail: string };

type OfTemplate = { readonly params: { readonly templateId: string } };
type Saved = { readonly templateId: string; readonly version: number };

export type TemplateOperations = {
  'GET /templates': {
    readonly answer: {
      readonly templates: readonly TemplateLine[];
      readonly starters: readonly string[];
      readonly library: readonly Pick<TemplateLine, 'templateId' | 'kind' | 'languages'>[];
      readonly variables: readonly string[];
    };
  };
  'POST /templates/starters': {
    readonly body: { readonly templateIds?: readonly string[] };
    readonly answer: { readonly added: readonly string[] };
  };
  'POST /templates/lint': {
    readonly body: TemplateBody;
    readonly answer: { readonly sendable: boolean; readonly findings: readonly TemplateFinding[] };
  };
  'POST /templates/preview': { readonly body: Asked; readonly answer: TemplatePreview };
  'POST /templates/test-send': {
    readonly body: Asked & { readonly channel: string; readonly to: string };
    /** `via`: `sink` where it lies in the preview mailbox and reached nobody. */
    readonly answer: { readonly outcome: TestOutcome; readonly via: string };
  };
  'GET /templates/{templateId}': OfTemplate & {
    readonly query?: { readonly version?: number };
    readonly answer: Saved & {
      readonly template: TemplateBody;
      readonly versions: readonly { readonly version: number; readonly savedAt: string; readonly active: boolean }[];
    };
  };
  'PUT /templates/{templateId}': OfTemplate & { readonly body: TemplateBody; readonly answer: Saved };
};
