// May this template be used? A table of named rules; errors forbid sending, warnings are advice. Nothing here throws on a bad template.
// The rules of mails are here, those of other kinds in `fields-lint.ts`.
import type { Lang, Text } from '../../kernel/lang.ts';
import { compileMail, sourceOf, toHtmlAndText } from './compile.ts';
import { VARIABLES, type MailContext } from './context.ts';
import { textLiquid } from './liquid.ts';
import { renderMail, type RenderedMail } from './render.ts';
import { LANGUAGES, VARIANTS, type MailTemplate, type MailVersion, type Variant } from './template.ts';

type LintEntry = { readonly severity: 'error' | 'warning' } & Text;

/** Gmail cuts a mail off here, and with it the unsubscribe link at its foot. */
export const CLIP_BYTES = 102 * 1024;

export const LINT_RULES = {
  does_not_render: { severity: 'error', en: 'The template does not render', zh: '模板无法渲染' },
  mjml_invalid: { severity: 'error', en: 'The MJML is not valid', zh: 'MJML 不合法' },
  generic_missing: {
    severity: 'error',
    en: 'There is no generic variant without personalisation',
    zh: '缺少非个性化的通用版本',
  },
  generic_personal: {
    severity: 'error',
    en: 'The generic variant names the person or her products',
    zh: '通用版本使用了个人或推荐商品变量',
  },
  unsubscribe_missing: { severity: 'error', en: 'There is no visible unsubscribe link', zh: '正文中没有退订链接' },
  address_missing: { severity: 'error', en: 'The postal address of the brand is missing', zh: '缺少品牌的邮寄地址' },
  variable_unknown: { severity: 'error', en: 'There is no such variable', zh: '变量不存在' },
  subject_line_break: { severity: 'error', en: 'The subject has a line break', zh: '主题中含有换行' },
  subject_empty: { severity: 'error', en: 'The subject is empty', zh: '主题为空' },
  too_large: {
    severity: 'error',
    en: 'The mail is so large that Gmail cuts it off (102 kB)',
    zh: '邮件过大，Gmail 会截断（102 kB）',
  },
  popup_not_closable: {
    severity: 'error',
    en: 'No visible sign closes the message with one click',
    zh: '没有可一键关闭的显著标识',
  },
  popup_countdown: { severity: 'error', en: 'It can be closed only after a countdown', zh: '倒计时结束前无法关闭' },
  popup_repeats: {
    severity: 'error',
    en: 'It comes back on the page where it was closed',
    zh: '关闭后在同一页面再次弹出',
  },
  ad_label_missing: { severity: 'error', en: 'An advertisement does not say that it is one', zh: '广告未标明“广告”' },
  popup_fake_button: {
    severity: 'error',
    en: 'A button that says it closes leads somewhere else',
    zh: '标为“关闭”的按钮会跳转到其他页面',
  },
  sms_brackets: {
    severity: 'error',
    en: 'The text has 【】, which belong to the signature; it is added to every text',
    zh: '正文含有【】，签名由系统统一添加，正文中不得使用',
  },
  sms_too_long: { severity: 'error', en: 'The text is longer than three segments', zh: '短信超过三条计费长度' },
  wechat_slot_long: { severity: 'error', en: 'WeChat refuses a slot this long', zh: '微信模板字段超长' },
  sms_segments: {
    severity: 'warning',
    en: 'The text is paid for more than once (characters → segments)',
    zh: '短信将按多条计费（字数 → 条数）',
  },
  push_long: { severity: 'warning', en: 'Phones cut this off', zh: '手机上会被截断' },
  text_empty: { severity: 'error', en: 'A text is empty', zh: '有文本为空' },
  language_missing: {
    severity: 'warning',
    en: 'A language is missing; these people get the other one',
    zh: '缺少一种语言，相关用户将收到另一种语言',
  },
  subject_long: {
    severity: 'warning',
    en: 'Phones show about 60 characters of a subject',
    zh: '手机上主题约显示 30 个汉字',
  },
  objection_added: {
    severity: 'warning',
    en: 'The mail does not lead to the right to object ({{ objection_url }}); a line that tells of it is added at its foot',
    zh: '邮件未指向反对权说明（{{ objection_url }}），系统会在页脚自动添加一行告知',
  },
  link_insecure: { severity: 'warning', en: 'A link does not use https', zh: '有链接未使用 https' },
} as const satisfies Record<string, LintEntry>;

export type LintRule = keyof typeof LINT_RULES;
export type LintFinding = {
  readonly rule: LintRule;
  readonly severity: 'error' | 'warning';
  readonly lang?: Lang;
  readonly variant?: Variant;
  /** What was found: a variable's name, MJML's own words, a size. */
  readonly detail: string;
};

export const lintText = (finding: LintFinding, lang: Lang): string =>
  [LINT_RULES[finding.rule][lang], finding.detail].filter(Boolean).join(lang === 'zh' ? '：' : ': ');

export const SAMPLE: MailContext = {
  person: { firstName: 'Alexandra', lastName: 'Example', fullName: 'Alexandra Example' },
  brand: { name: 'Sample', address: '1 Sample Street, 00001 Sampletown', url: 'https://shop.example.com' },
  coupon: { code: 'SAMPLE-1234', amountText: '20% off', expiresOn: '2030-01-31' },
  products: [1, 2, 3].map((n) => ({
    name: `Product ${n}`,
    url: `https://shop.example.com/${n}`,
    priceCents: 1999,
    currency: 'USD',
  })),
  browsed: [{ name: 'Product 4', url: 'https://shop.example.com/4', priceCents: 2999, currency: 'USD' }],
  unsubscribeUrl: 'https://unsubscribe.example.com/sample',
  preferencesUrl: 'https://preferences.example.com/sample',
  confirmUrl: 'https://confirm.example.com/sample',
  surveyUrl: 'https://survey.example.com/sample',
  surveyOptions: [{ label: { en: 'An answer', zh: '一个回答' }, url: 'https://survey.example.com/sample-1' }],
  npsUrl: 'https://survey.example.com/sample-nps',
  npsOptions: [{ label: { en: '10', zh: '10' }, url: 'https://survey.example.com/sample-nps-10' }],
};

// `products[0].name` and `product.name` inside a loop are both products[].name to us.
const KNOWN = new Set<string>(VARIABLES);
const fieldsOf = (list: string): ReadonlySet<string> =>
  new Set(VARIABLES.filter((name) => name.startsWith(`${list}[].`)).map((name) => name.slice(list.length + 3)));
const LIST_FIELDS = new Map(
  VARIABLES.flatMap((name) => /^(\w+)\[\]/.exec(name)?.[1] ?? []).map((list) => [list, fieldsOf(list)]),
);
const PRODUCT_FIELDS = fieldsOf('products');
const ROOTS = new Set(VARIABLES.map((name) => name.split(/[.[]/)[0]!));

/** Names used by a Liquid source that no mail has. Throws what Liquid throws when the source does not parse. */
export function unknownVariables(source: string): readonly string[] {
  const unknown = new Set<string>();
  const globals = new Set(textLiquid.globalVariableSegmentsSync(source).map((path) => String(path[0])));
  for (const path of textLiquid.variableSegmentsSync(source)) {
    const [root, ...rest] = path.map(String);
    if (root === undefined) continue;
    const name = path.filter((part) => typeof part === 'string').join('.');
    if (!globals.has(root)) {
      // A loop variable over products, or something assigned in the template itself.
      if (root === 'product' && rest[0] !== undefined && !PRODUCT_FIELDS.has(rest[0])) unknown.add(name);
    } else if (!ROOTS.has(root)) unknown.add(name);
    else if (LIST_FIELDS.has(root)) {
      const field = rest.find((part) => !/^(\d+|size|first|last)$/.test(part));
      if (field !== undefined && !LIST_FIELDS.get(root)!.has(field)) unknown.add(name);
    } else if (!KNOWN.has(name.replace(/\.size$/, ''))) unknown.add(name);
  }
  return [...unknown];
}

export const isPersonal = (source: string): boolean =>
  textLiquid
    .globalVariableSegmentsSync(source)
    .some((path) => ['person', 'products', 'browsed'].includes(String(path[0])));

export type Place = { readonly lang?: Lang; readonly variant?: Variant };
export const finding = (rule: LintRule, detail = '', place: Place = {}): LintFinding => ({
  rule,
  severity: LINT_RULES[rule].severity,
  ...place,
  detail,
});
export const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n')[0]! : String(error);

function lintRendered(mail: RenderedMail, place: Place): LintFinding[] {
  const found: LintFinding[] = [];
  if (!mail.html.includes(`"${SAMPLE.unsubscribeUrl}"`)) found.push(finding('unsubscribe_missing', '', place));
  if (!mail.html.includes(SAMPLE.brand.address)) found.push(finding('address_missing', '', place));
  if (mail.subject === '') found.push(finding('subject_empty', '', place));
  const width = Array.from(mail.subject).reduce((sum, char) => sum + (char > '\u2e7f' ? 2 : 1), 0);
  if (width > 70) found.push(finding('subject_long', mail.subject, place));
  const bytes = Buffer.byteLength(mail.html);
  if (bytes > CLIP_BYTES) found.push(finding('too_large', `${Math.ceil(bytes / 1024)} kB`, place));
  const insecure = mail.links.find((url) => url.startsWith('http://'));
  if (insecure !== undefined) found.push(finding('link_insecure', insecure, place));
  return found;
}

async function lintVariant(
  template: MailTemplate,
  version: MailVersion,
  lang: Lang,
  variant: Variant,
): Promise<LintFinding[]> {
  const place = { lang, variant };
  const source = sourceOf(version, variant);
  if (variant === 'generic' && (!source.subject.trim() || !source.mjml.trim()))
    return [finding('generic_missing', '', place)];
  const found: LintFinding[] = [];
  if (/[\r\n]/.test(source.subject)) found.push(finding('subject_line_break', '', place));
  try {
    const { complaints } = await toHtmlAndText(source, lang);
    found.push(...complaints.map((words) => finding('mjml_invalid', words, place)));
    const everything = [source.subject, source.preheader, source.mjml].join('\n');
    found.push(...unknownVariables(everything).map((name) => finding('variable_unknown', name, place)));
    if (variant === 'generic' && isPersonal(`${source.subject}\n${source.mjml}`))
      found.push(finding('generic_personal', '', place));
    const alone = {
      ...template,
      versions: { [lang]: { ...version, genericSubject: source.subject, genericMjml: source.mjml } },
    };
    const mail = renderMail(await compileMail(alone), { lang, variant, context: SAMPLE });
    found.push(...lintRendered(mail, place));
    if (!source.mjml.includes('objection_url')) found.push(finding('objection_added', '', place));
  } catch (error) {
    found.push(finding('does_not_render', wordsOf(error), place));
  }
  return found;
}

/** Everything wrong with a mail template, in the order of its languages. */
export async function lintMail(template: MailTemplate): Promise<readonly LintFinding[]> {
  const found: LintFinding[] = [];
  for (const lang of LANGUAGES) {
    const version = template.versions[lang];
    if (!version) found.push(finding('language_missing', lang, { lang }));
    else for (const variant of VARIANTS) found.push(...(await lintVariant(template, version, lang, variant)));
  }
  return found;
}
