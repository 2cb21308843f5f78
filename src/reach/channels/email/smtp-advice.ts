// What to do when a mail server cannot be used, by what it or the network said. For whoever sets one up for the first time. Pure.
import type { Text } from '../../../kernel/lang.ts';

type Advice = Text & { readonly when: RegExp };

/** The first that fits is meant: what is more particular stands before what is more general. */
const ADVICE: readonly Advice[] = [
  {
    when: /self.signed certificate|unable to (verify|get).*certificate|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/i,
    en: 'The server’s certificate is signed by nobody this machine knows. If the server is yours, trust its certificate: NODE_EXTRA_CA_CERTS=/path/to/certificate.pem before the command. If it is not, somebody may be listening: do not go on.',
    zh: '服务器证书的签发者不受本机信任。如果服务器是您自己的，请在命令前设置 NODE_EXTRA_CA_CERTS=/path/to/certificate.pem 来信任它；如果不是，可能有人在监听，请停止。',
  },
  {
    when: /altnames|does not match certificate|ERR_TLS_CERT_ALTNAME/i,
    en: 'The certificate is for another name. Write the server’s name in the URL as the certificate has it.',
    zh: '证书对应的是另一个主机名。请在 URL 中使用证书上的服务器名称。',
  },
  {
    when: /certificate has expired|CERT_HAS_EXPIRED|not yet valid/i,
    en: 'The server’s certificate is out of date. Its operator must renew it; check this machine’s clock too.',
    zh: '服务器证书已过期或尚未生效。请联系服务器管理员更新，并检查本机时间。',
  },
  {
    when: /wrong version number|packet length too long|EPROTO/i,
    en: 'One side speaks TLS and the other does not. smtps:// is for port 465, smtp:// for port 587 (and 25).',
    zh: '一方使用 TLS 而另一方没有。smtps:// 对应 465 端口，smtp:// 对应 587（或 25）端口。',
  },
  {
    when: /does not offer STARTTLS/i,
    en: 'The server offers no encryption on this port, and a password is not sent in the clear. Try smtps://…:465, or another server.',
    zh: '该端口不提供加密，系统不会明文发送密码。请改用 smtps://…:465，或更换服务器。',
  },
  {
    when: /\b53[45]\b|authentication (failed|credentials invalid)|EAUTH|invalid login/i,
    en: 'User or password is refused. Many providers want an app password made in their settings, and the whole address as user. In the URL, write @ as %40, : as %3A, / as %2F.',
    zh: '用户名或密码被拒绝。许多服务商要求使用在其设置中生成的“授权码/应用专用密码”，用户名为完整邮箱。URL 中 @ 写作 %40，: 写作 %3A，/ 写作 %2F。',
  },
  {
    when: /\b530\b/,
    en: 'The server wants a user and a password: smtp://user:password@host:587.',
    zh: '服务器要求登录：smtp://user:password@host:587。',
  },
  {
    when: /ENOTFOUND|EAI_AGAIN|getaddrinfo/i,
    en: 'There is no server of this name, or this machine has no name service. Check the host in REKINDLE_SMTP_URL.',
    zh: '找不到该主机名，或本机无法解析域名。请检查 REKINDLE_SMTP_URL 中的主机名。',
  },
  {
    when: /ECONNREFUSED/i,
    en: 'Nothing listens on this port. Usual ones are 587 (smtp://) and 465 (smtps://).',
    zh: '该端口无服务。常用端口为 587（smtp://）与 465（smtps://）。',
  },
  {
    when: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|no connection within|silent for too long/i,
    en: 'No answer. Many networks block port 25, some 587 as well; try 465, or ask whoever runs the network.',
    zh: '没有响应。许多网络封锁 25 端口，有的也封锁 587；请尝试 465，或询问网络管理员。',
  },
  {
    when: /5\.7\.|not (allowed|permitted|authori[sz]ed)|sender (address )?rejected|does not own/i,
    en: 'The server does not let you write under this sender. Use the address of the account: rekindle send-test … --from you@example.com.',
    zh: '服务器不允许使用该发件人。请使用账号本身的邮箱：rekindle send-test … --from you@example.com。',
  },
];

/** Undefined for what we know nothing of: the server’s own words are then all there is. */
export function smtpAdvice(said: string): Text | undefined {
  const found = ADVICE.find(({ when }) => when.test(said));
  return found === undefined ? undefined : { en: found.en, zh: found.zh };
}
