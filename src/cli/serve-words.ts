// What `rekindle serve` says.
import type { Text } from '../kernel/lang.ts';

export const SERVE_WORDS = {
  serve: {
    en: 'Run the server: ingest, programmes, API, preview mailbox',
    zh: '启动服务：数据接收、计划、API 与预览邮箱',
  },
  portOption: { en: 'port to listen on (REKINDLE_PORT, else 8420)', zh: '监听端口（REKINDLE_PORT，默认 8420）' },
  hostOption: {
    en: 'address to listen on (REKINDLE_HOST, else 127.0.0.1)',
    zh: '监听地址（REKINDLE_HOST，默认 127.0.0.1）',
  },
  roleOption: { en: 'all, api or worker (REKINDLE_ROLE)', zh: 'all、api 或 worker（REKINDLE_ROLE）' },
  brandOption: { en: 'name of the brand that writes to customers', zh: '面向用户的品牌名称' },
  addressOption: { en: 'postal address of the business, shown in every mail', zh: '企业邮寄地址，显示在每封邮件中' },
  websiteOption: { en: 'the shop’s website', zh: '商店网址' },
  fromOption: { en: 'sender address of mails', zh: '发件人邮箱' },
  zoneOption: { en: 'time zone of the business, like Europe/Berlin', zh: '企业所在时区，例如 Asia/Shanghai' },
  currencyOption: { en: 'currency of amounts without one, like EUR', zh: '未注明币种时的货币，例如 CNY' },
  businessLangOption: { en: 'language of mails to people whose language is not known', zh: '用户语言未知时的邮件语言' },
  serving: { en: 'Rekindle is running. Ctrl+C ends it.', zh: '重燃已启动，按 Ctrl+C 结束。' },
  api: { en: 'API', zh: 'API' },
  console: { en: 'Console', zh: '控制台' },
  mailbox: { en: 'Preview mailbox', zh: '预览邮箱' },
  dataFolder: { en: 'Data folder', zh: '数据目录' },
  previewNote: {
    en: 'No mail server is set (REKINDLE_SMTP_URL): mails go to the preview mailbox and reach nobody.',
    zh: '未设置邮件服务器（REKINDLE_SMTP_URL）：邮件只进入预览邮箱，不会发出。',
  },
  setupToken: {
    en: 'Others can reach this server. Whoever makes the first account in the console needs this token:',
    zh: '其他机器可以访问本服务器。在控制台创建第一个账号时需要此令牌：',
  },
  firstKey: {
    en: 'Your first write key (shown only now). Try it:',
    zh: '您的第一个写入密钥（仅显示这一次），可以这样试用：',
  },
  snippet: { en: 'Or with any Segment or RudderStack SDK:', zh: '或使用任意 Segment / RudderStack SDK：' },
  stopping: { en: 'Stopping: finishing what is running…', zh: '正在停止：等待进行中的工作完成……' },
  stopped: { en: 'Stopped.', zh: '已停止。' },
} as const satisfies Record<string, Text>;
