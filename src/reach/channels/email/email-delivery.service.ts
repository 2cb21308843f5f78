// From a claimed message to bytes on the wire: template → words → tracked links; the channel builds MIME, signs and hands over.
import type { Business } from '../../../kernel/business.ts';
import { RekindleError } from '../../../kernel/errors.ts';
import { langOf } from '../../../kernel/lang.ts';
import type { RecordsDb } from '../../../stores/records/records.ts';
import type { ClaimedMessage } from '../../messages/claim.sql.ts';
import type { Prepared } from '../../messages/batch.service.ts';
import type { Delivery } from '../../messages/sender.service.ts';
import { renderMail } from '../../templates/render.ts';
import type { CompiledTemplates } from '../../templates/templates.service.ts';
import { signToken } from '../../tracking/token.ts';
import type { Channel } from '../channel.ts';
import type { MailToSend } from './mime.ts';

export type EmailSetup = {
  readonly db: RecordsDb;
  readonly business: Business;
  readonly templates: CompiledTemplates;
  readonly channel: Channel<MailToSend>;
  readonly tokenSecret: string;
  readonly bounceDomain?: string | undefined;
};

const hostOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

async function composeMail(
  setup: EmailSetup,
  message: ClaimedMessage,
  now: Date,
): Promise<{ readonly mail: MailToSend; readonly links: readonly string[] }> {
  const { business, tokenSecret } = setup;
  const messageId = message.message_id;
  const link = (kind: 'unsubscribe' | 'open', path: string): string =>
    `${business.publicUrl}/${path}/${signToken(tokenSecret, { kind, messageId })}`;
  const unsubscribeUrl = link('unsubscribe', 'u');
  const rendered = renderMail(await setup.templates(message.template_id, message.template_version), {
    lang: langOf(message.language),
    variant: message.wants_generic ? 'generic' : 'personal',
    context: {
      person: { firstName: message.first_name },
      brand: { name: business.brand, address: business.postalAddress, url: business.websiteUrl },
      coupon: message.content.coupon,
      unsubscribeUrl,
    },
    trackLink: (_url, linkIndex) =>
      `${business.publicUrl}/c/${signToken(tokenSecret, { kind: 'click', messageId, linkIndex })}`,
    openPixelUrl: link('open', 'o'),
  });
  const mail: MailToSend = {
    messageId,
    from: { name: business.brand, address: business.fromAddress },
    to: { address: message.address },
    subject: rendered.subject,
    html: rendered.html,
    text: rendered.text,
    date: now,
    unsubscribeUrl,
    feedbackId: `${message.programme_id}:${message.variant}:rekindle`.replaceAll(/[^\w.:-]/g, '-'),
    list: { name: business.brand, id: `${message.programme_id}.${hostOf(business.fromAddress)}` },
    bounceDomain: setup.bounceDomain,
  };
  return { mail, links: rendered.links };
}

/** The e-mail way out, as the sender drives it. */
export function emailDelivery(setup: EmailSetup): Delivery {
  return {
    channel: 'email',
    prepare: async (messages, now) => {
      const prepared: Prepared[] = [];
      const links: { message_id: string; position: number; url: string }[] = [];
      for (const message of messages) {
        try {
          const composed = await composeMail(setup, message, now);
          composed.links.forEach((url, position) => links.push({ message_id: message.message_id, position, url }));
          prepared.push({ message, send: (mayLeave) => setup.channel.send(composed.mail, undefined, mayLeave) });
        } catch (cause) {
          // A message that cannot be written is this message's failure, not the run's.
          const code = cause instanceof RekindleError ? cause.code : 'unexpected';
          const detail = cause instanceof Error ? cause.message : String(cause);
          prepared.push({
            message,
            send: () => Promise.resolve({ kind: 'rejected', class: 'content', permanent: true, code, detail }),
          });
        }
      }
      if (links.length > 0)
        await setup.db
          .insertInto('message_links')
          .values(links)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      return prepared;
    },
    close: () => setup.channel.close(),
  };
}
