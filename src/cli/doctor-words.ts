// What `rekindle doctor` says.
import type { Text } from '../kernel/lang.ts';

export const DOCTOR_WORDS = {
  doctor: { en: 'Check this machine and configuration', zh: '检查本机与配置' },
  checkNode: { en: 'Node', zh: 'Node' },
  checkPlatform: { en: 'Platform', zh: '平台' },
  platformNo: {
    en: '{platform}: the embedded events engine has no build for it. Set REKINDLE_CLICKHOUSE_URL to a ClickHouse server.',
    zh: '{platform}：内置事件引擎不支持该平台，请将 REKINDLE_CLICKHOUSE_URL 指向 ClickHouse 服务。',
  },
  checkFolder: { en: 'Data folder', zh: '数据目录' },
  folderNew: {
    en: '{path} does not exist yet; it is made at the first start.',
    zh: '{path} 尚不存在，首次启动时创建。',
  },
  folderReadOnly: {
    en: '{path} cannot be written ({what}). Change its permissions or set REKINDLE_DATA_DIR.',
    zh: '{path} 不可写（{what}）。请修改权限或设置 REKINDLE_DATA_DIR。',
  },
  folderHeld: { en: '{path}, held by process {pid} ({url})', zh: '{path}，由进程 {pid} 使用（{url}）' },
  folderFree: { en: '{path}, held by nobody', zh: '{path}，无进程使用' },
  checkDisk: { en: 'Free disk', zh: '可用磁盘' },
  diskLow: {
    en: '{free} GB; free some space, imports need about twice the size of the file.',
    zh: '{free} GB；请释放空间，导入约需文件两倍大小。',
  },
  checkRecords: { en: 'Records store', zh: '记录存储' },
  checkEvents: { en: 'Events store', zh: '事件存储' },
  checkMail: { en: 'Mail server', zh: '邮件服务器' },
  mailFine: {
    en: '{server} takes us in; try it: rekindle send-test you@example.com',
    zh: '{server} 可登录；试发一封：rekindle send-test you@example.com',
  },
  mailNone: {
    en: 'none set: mails go to the preview mailbox. Set REKINDLE_SMTP_URL to send for real.',
    zh: '未设置：邮件只进入预览邮箱。正式发送请设置 REKINDLE_SMTP_URL。',
  },
  checkChannels: { en: 'Channels', zh: '渠道' },
  channelsFine: { en: 'none stands still', zh: '均正常' },
  channelClosed: {
    en: '{channel} stands still until {until}: {detail}. Its messages wait; a test that is taken opens it at once.',
    zh: '{channel} 已暂停至 {until}：{detail}。消息保留待发；测试发送成功后立即恢复。',
  },
  checkAccounts: { en: 'Accounts for ads and posts', zh: '广告与动态账号' },
  accountClosed: {
    en: '{account} stands still until {until}: {detail}. What is planned waits, and is tried again then.',
    zh: '{account} 已暂停至 {until}：{detail}。已计划的内容保留，届时自动重试。',
  },
  checkHours: { en: 'Hours', zh: '触达时段' },
  hoursFine: {
    en: 'your hours and the lawful ones meet everywhere',
    zh: '自设时段与合规时段处处有交集',
  },
  checkGuard: { en: 'Sending domain', zh: '发件域' },
  checkPreflight: { en: 'SPF, DKIM, DMARC', zh: 'SPF、DKIM、DMARC' },
  preflightLocal: { en: 'mail stays on this machine', zh: '邮件不离开本机' },
  preflightUnknown: { en: 'DNS does not answer', zh: 'DNS 无应答' },
  checkDkim: { en: 'DKIM key', zh: 'DKIM 密钥' },
  dkimNone: {
    en: 'none set: mails are not signed here. Set REKINDLE_DKIM_DOMAIN and REKINDLE_DKIM_KEY_FILE unless your relay signs.',
    zh: '未设置：邮件不在此签名。除非中继会签名，否则请设置 REKINDLE_DKIM_DOMAIN 和 REKINDLE_DKIM_KEY_FILE。',
  },
  dkimBad: { en: '{path}: {what}', zh: '{path}：{what}' },
  checkUrl: { en: 'Public URL', zh: '公开网址' },
  urlPlain: {
    en: '{url} is not https: one-click unsubscribe needs it (RFC 8058). Set REKINDLE_PUBLIC_URL.',
    zh: '{url} 不是 https：一键退订（RFC 8058）要求 https。请设置 REKINDLE_PUBLIC_URL。',
  },
  recordsUnkept: {
    en: 'cannot look after itself ({n} times in a row: {reason}); its plans grow old and dead rows stay. It goes on trying.',
    zh: '无法自行维护（已连续失败 {n} 次：{reason}）；查询计划会过时，失效的行不会被清理。系统会继续重试。',
  },
  checkBusiness: { en: 'Business profile', zh: '企业资料' },
  businessMissing: {
    en: 'still default: {fields}. Set them with: rekindle serve --brand … --address … --website … --from …',
    zh: '仍为默认值：{fields}。请用 rekindle serve --brand … --address … --website … --from … 设置。',
  },
  businessFine: { en: 'complete', zh: '完整' },
  checkSettings: { en: 'Settings', zh: '设置' },
  doctorFine: { en: 'Everything works.', zh: '一切正常。' },
  doctorWarns: {
    en: 'It works; {count} things to do before the first real mail.',
    zh: '可以使用；正式发送前还有 {count} 项要处理。',
  },
  doctorFails: { en: '{count} things do not work.', zh: '有 {count} 项不可用。' },
  ok: { en: 'ok', zh: '正常' },
  warn: { en: 'warn', zh: '注意' },
  fail: { en: 'fail', zh: '失败' },
} as const satisfies Record<string, Text>;
