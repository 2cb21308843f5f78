// What `rekindle send-test` says, in both languages.
export const SEND_TEST_WORDS = {
  sendTest: {
    en: 'Send yourself a real win-back mail: judged, signed, with an unsubscribe link that works; or a marked test on any channel',
    zh: '给自己发一封真实的唤醒邮件：经仲裁、带签名链接、可退订；或在任一渠道发送带标记的测试',
  },
  sendTestArgument: {
    en: 'your own e-mail address; with --channel a number, or the id of a person with a device',
    zh: '您自己的邮箱地址；使用 --channel 时为手机号或拥有设备的用户 ID',
  },
  sendTestChannel: {
    en: 'send a test there instead, through the account that is connected: email, sms, web_push, app_push, in_app, wechat_mini, wechat_service, wecom, webhook',
    zh: '改为通过已连接的账号在该渠道发送测试：email、sms、web_push、app_push、in_app、wechat_mini、wechat_service、wecom、webhook',
  },
  sendTestSunk: {
    en: 'No account is connected for this channel, so nothing left this machine: the test lies in the preview mailbox (rekindle serve, then /mailbox).',
    zh: '该渠道未连接账号，测试没有离开本机，只进入预览邮箱（rekindle serve 后访问 /mailbox）。',
  },
  sendTestTemplate: {
    en: 'nostalgic, offer, question, or one of your own (needed with --channel wechat_mini and wechat_service, and for 阿里云 and 腾讯云)',
    zh: 'nostalgic、offer、question 或自定义模板（wechat_mini、wechat_service 及阿里云、腾讯云短信必填）',
  },
  sendTestName: { en: 'the first name it greets', zh: '邮件中的称呼' },
  sendTestMailLang: { en: 'language of the mail, en or zh', zh: '邮件语言，en 或 zh' },
  sendTestMailLangWrong: {
    en: '--mail-lang is en or zh, not "{lang}".',
    zh: '--mail-lang 应为 en 或 zh，而不是“{lang}”。',
  },
  sendTestSent: { en: 'Sent to {to} through {server}.', zh: '已通过 {server} 发送至 {to}。' },
  sendTestPreview: {
    en: 'No mail server is set, so nothing left this machine: the mail lies in the preview mailbox (rekindle serve, then /mailbox). To send it for real, set REKINDLE_SMTP_URL=smtp://user:password@host:587 and run this again.',
    zh: '未设置邮件服务器，邮件没有离开本机，只进入预览邮箱（rekindle serve 后访问 /mailbox）。要真正发送，请设置 REKINDLE_SMTP_URL=smtp://user:password@host:587 后重试。',
  },
  sendTestNotSent: { en: 'Not sent to {to}: {why}', zh: '未能发送至 {to}：{why}' },
  sendTestUnknown: {
    en: 'Handed over to {server}, and no answer was heard: it may have arrived.',
    zh: '已交给 {server}，但未收到回执：可能已送达。',
  },
  sendTestFrom: { en: 'From', zh: '发件人' },
  sendTestPostal: { en: 'Postal address', zh: '邮寄地址' },
  sendTestConsent: { en: 'Consent', zh: '同意' },
  sendTestConsentText: { en: 'recorded: you asked for it yourself', zh: '已记录：本人主动要求' },
  sendTestUnsubscribe: { en: 'Unsubscribe', zh: '退订' },
  sendTestUnsubscribeHere: {
    en: 'in the mail; works while rekindle serve runs on this machine ({url})',
    zh: '在邮件中；本机运行 rekindle serve 时有效（{url}）',
  },
  sendTestUnsubscribeAt: { en: 'in the mail, at {url}', zh: '在邮件中，地址为 {url}' },
} as const;
