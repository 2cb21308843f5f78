// Which provider do these settings name?
import { refused, unreachable } from '../../../../kernel/result.ts';
import { emailChannel } from '../email-channel.ts';
import { mailgunMail } from './mailgun.ts';
import { postmarkMail } from './postmark.ts';
import type { MailProvider, MailProviderOptions } from './provider.ts';
import { sendgridMail } from './sendgrid.ts';
import { sesMail } from './ses.ts';
import { smtpUrlOf, type MailProviderSettings } from './settings.ts';

export function mailProvider(settings: MailProviderSettings, options: MailProviderOptions): MailProvider {
  switch (settings.provider) {
    case 'smtp':
      return {
        key: 'smtp',
        channel: emailChannel({ smtpUrl: smtpUrlOf(settings), secret: options.secret, dkimKeys: options.dkimKeys }),
        // A mail server reports by mail, not by calling us.
        read: () => Promise.resolve(refused('unreadable')),
      };
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
