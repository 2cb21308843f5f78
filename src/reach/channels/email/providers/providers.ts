// Which provider do these settings name?
import { unreachable } from '../../../../kernel/result.ts';
import { mailgunMail } from './mailgun.ts';
import { postmarkMail } from './postmark.ts';
import type { MailProvider, MailProviderOptions } from './provider.ts';
import { sendgridMail } from './sendgrid.ts';
import { sesMail } from './ses.ts';
import type { MailProviderSettings } from './settings.ts';

export function mailProvider(settings: MailProviderSettings, options: MailProviderOptions): MailProvider {
  switch (settings.provider) {
    case 'ses':
      return sesMail(settings, options);
    case 'sendgrid':
      return sendgridMail(settings, options);
    case 'mailgun':
      return mailgunMail(settings, options);
    case 'postmark':
      return postmarkMail(settings, options);
    default:
      return unreachable(settings);
  }
}
