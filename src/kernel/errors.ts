// Everything that can be refused, in one table: code → HTTP status, process exit code, and words in both languages.
// `docs/errors.md` lists exactly these codes (a test holds the two equal).
import type { Lang, Text } from './lang.ts';

type ErrorEntry = {
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 412 | 413 | 422 | 429 | 500 | 503 | 507;
  readonly exit: number;
} & Text;

/** Exit codes: 1 unexpected, 2 wrong call, 3 bad input, 4 in use, 5 outside service or disk. `{x}` slots are filled from `details`. */
export const ERRORS = {
  unexpected: { status: 500, exit: 1, en: 'Something went wrong: {what}', zh: '发生意外错误：{what}' },
  usage: { status: 400, exit: 2, en: '{what}', zh: '{what}' },
  node_too_old: {
    status: 500,
    exit: 2,
    en: 'This is Node {version}; Rekindle needs {needed} or newer.',
    zh: '当前 Node 版本为 {version}，Rekindle 需要 {needed} 或更高版本。',
  },
  not_found: { status: 404, exit: 3, en: 'There is no {what}.', zh: '找不到{what}。' },
  conflict: { status: 409, exit: 3, en: '{what}', zh: '{what}' },
  invalid: { status: 422, exit: 3, en: '{where}: {what}', zh: '{where}：{what}' },
  unauthorised: { status: 401, exit: 3, en: 'The key is missing or not known.', zh: '缺少密钥，或密钥无效。' },
  credentials_wrong: {
    status: 401,
    exit: 3,
    en: 'E-mail, password or code is wrong.',
    zh: '邮箱、密码或验证码不正确。',
  },
  setup_token_wrong: {
    status: 403,
    exit: 3,
    en: 'The set-up token is missing or wrong. It stands in the terminal where this server was started.',
    zh: '缺少初始化令牌或令牌不正确。令牌显示在启动本服务器的终端中。',
  },
  link_spent: {
    status: 410,
    exit: 3,
    en: 'This link has been used or is too old; ask for a new one.',
    zh: '该链接已使用或已过期，请重新获取。',
  },
  changed_elsewhere: {
    status: 412,
    exit: 3,
    en: 'Somebody else has changed {what} meanwhile.',
    zh: '{what}已被他人修改。',
  },
  forbidden: { status: 403, exit: 3, en: 'This key may not do that.', zh: '该密钥无此权限。' },
  too_large: {
    status: 413,
    exit: 3,
    en: '{what} is larger than the limit of {limit}.',
    zh: '{what}超过上限 {limit}。',
  },
  busy: {
    status: 429,
    exit: 5,
    en: 'Too many requests; try again in {seconds} s.',
    zh: '请求过多，请在 {seconds} 秒后重试。',
  },
  body_not_json: {
    status: 400,
    exit: 3,
    en: 'The body is not valid JSON: {what}',
    zh: '请求体不是有效的 JSON：{what}',
  },
  file_missing: { status: 404, exit: 3, en: 'Cannot read {path}: {what}', zh: '无法读取 {path}：{what}' },
  file_empty: { status: 422, exit: 3, en: '{path} is empty.', zh: '{path} 是空文件。' },
  file_truncated: {
    status: 422,
    exit: 3,
    en: '{path} is cut off: the compressed data ends early. Nothing was imported; copy the file again.',
    zh: '{path} 不完整：压缩数据提前结束。未导入任何数据，请重新复制该文件。',
  },
  file_unreadable: { status: 422, exit: 3, en: '{path}: {what}', zh: '{path}：{what}' },
  columns_unclear: { status: 422, exit: 3, en: '{path}: {what}', zh: '{path}：{what}' },
  scope_cycle: {
    status: 422,
    exit: 3,
    en: '{where}: the scope follows from the policy itself ({way}); name a policy that does not depend on this one.',
    zh: '{where}：适用范围取决于该规则自身（{way}），请改用不依赖本规则的其他规则。',
  },
  past_unknown: {
    status: 422,
    exit: 3,
    en: '{where}: "{condition}" cannot be known as of {day}: {what}',
    zh: '{where}：无法得知 {day} 时的“{condition}”：{what}',
  },
  not_enough_data: { status: 422, exit: 3, en: 'Not enough data: {what}', zh: '数据不足：{what}' },
  folder_in_use: {
    status: 409,
    exit: 4,
    en: 'The data folder {path} is in use by process {pid}. Stop it, or give this command another folder with REKINDLE_DATA_DIR.',
    zh: '数据目录 {path} 正被进程 {pid} 使用。请先停止它，或用 REKINDLE_DATA_DIR 指定另一个目录。',
  },
  disk_full: {
    status: 507,
    exit: 5,
    en: 'The disk that holds {path} is full. Free some space and try again: what had been written before stays, and nothing is written twice.',
    zh: '{path} 所在磁盘已满。请释放空间后重试：此前写入的数据会保留，且不会重复写入。',
  },
  store_unavailable: {
    status: 503,
    exit: 5,
    en: 'Cannot reach the {store} store: {what}',
    zh: '无法连接 {store} 存储：{what}',
  },
  engine_unavailable: {
    status: 503,
    exit: 5,
    en: 'The recommendation engine at {host} does not answer as it should: {what}',
    zh: '推荐引擎 {host} 未能正确应答：{what}',
  },
  mail_server_down: {
    status: 503,
    exit: 5,
    en: 'Cannot reach the mail server {host}: {what}. Messages stay planned and are tried again.',
    zh: '无法连接邮件服务器 {host}：{what}。消息保持待发送状态，稍后重试。',
  },
  profile_unfinished: {
    status: 409,
    exit: 3,
    en: 'No mail may leave before it can say who writes. Still default: {fields}. Set them in the console under Settings, or with --brand, --address (postal), --website and --from.',
    zh: '邮件须写明发件人后才能发出。仍为默认值：{fields}。请在控制台的设置中填写，或用 --brand、--address（邮寄地址）、--website 和 --from 设置。',
  },
  template_invalid: { status: 422, exit: 3, en: 'Template {template}: {what}', zh: '模板 {template}：{what}' },
  person_token_invalid: {
    status: 401,
    exit: 3,
    en: 'This person token is not ours, has expired, or is valid for more than a day.',
    zh: '该用户令牌无效、已过期，或有效期超过一天。',
  },
  survey_closed: { status: 410, exit: 3, en: 'This survey has ended.', zh: '本次调查已结束。' },
  sender_not_ready: {
    status: 409,
    exit: 3,
    en: 'Mail of {domain} would be refused by the big mailboxes: {what}. Repair it, or take it upon yourself (POST /api/reach/preflight/override).',
    zh: '{domain} 的邮件会被主流邮箱拒收：{what}。请先修复，或自行承担（POST /api/reach/preflight/override）。',
  },
  hook_forged: {
    status: 403,
    exit: 3,
    en: 'This report does not prove that it comes from {provider}.',
    zh: '该回执无法证明来自 {provider}。',
  },
  hook_too_old: {
    status: 403,
    exit: 3,
    en: 'This report of {provider} was signed too long ago, or in the future.',
    zh: '{provider} 的该回执签名时间过早或在未来，已拒收。',
  },
  hook_unproven: {
    status: 503,
    exit: 5,
    en: 'This report of {provider} cannot be checked now: its signing certificate, or its confirmation, could not be read. It is taken when it is sent again.',
    zh: '暂时无法核验 {provider} 的该回执：读取其签名证书或订阅确认失败。对方重发时将再次核验。',
  },
  asked_already: {
    status: 429,
    exit: 3,
    en: '{person} was asked to confirm and has not answered; no further mail goes out now ({what}).',
    zh: '已请 {person} 确认但尚未答复，暂不再发送确认邮件（{what}）。',
  },
  token_invalid: { status: 400, exit: 3, en: 'This link is not complete or not ours.', zh: '该链接不完整或无效。' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
/** A detail that is a sentence comes in both languages; numbers, names and addresses are the same in each. */
export type ErrorDetails = Readonly<Record<string, string | number | Text>>;

const saidIn = (detail: string | number | Text, lang: Lang): string | number =>
  typeof detail === 'object' ? detail[lang] : detail;

const fill = (text: string, details: ErrorDetails, lang: Lang): string =>
  text.replaceAll(/\{(\w+)\}/g, (slot, name: string) =>
    details[name] === undefined ? slot : String(saidIn(details[name], lang)),
  );

/** A refusal that reaches a person: a code, its details and, where there is one, the cause. */
export class RekindleError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(fill(ERRORS[code].en, details, 'en'), options);
    this.name = 'RekindleError';
    this.code = code;
    this.details = details;
  }
  in(lang: Lang): string {
    return fill(ERRORS[this.code][lang], this.details, lang);
  }
  detailsIn(lang: Lang): Readonly<Record<string, string | number>> {
    return Object.fromEntries(Object.entries(this.details).map(([name, detail]) => [name, saidIn(detail, lang)]));
  }
  get status(): ErrorEntry['status'] {
    return ERRORS[this.code].status;
  }
  get exit(): number {
    return ERRORS[this.code].exit;
  }
}
