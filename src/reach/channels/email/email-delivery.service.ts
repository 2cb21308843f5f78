// From a claimed message to bytes on the wire: template → words → tracked links; the channel builds MIME, signs and hands over.
import { kindLabel } from '../../templates/kinds.ts';
import { RekindleError } from '../../../kernel/errors.ts';
import { DEFAULT_PACE, domainOf, type PaceLimits } from '../../messages/pace.ts';
import type { SenderGuard } from '../../deliverability/guard.service.ts';
import type { Delivery } from '../../messages/sender.service.ts';
import { renderMail } from '../../templates/render.ts';
import type { Channel } from '../channel.ts';
import { composeBatch, type Composed, type ComposeSetup, type Composing } from '../composing.service.ts';
import type { MailToSend } from './mime.ts';

export type EmailSetup = ComposeSetup & {
  readonly channel: Channel<MailToSend>;
  readonly bounceDomain?: string | undefined;
  readonly guard?: Pick<SenderGuard, 'allowance'> | undefined;
  /** Limits by recipient domain. */
  readonly limits?: PaceLimits | undefined;
};

const hostOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

async function composeMail(setup: EmailSetup, { message, request, asksIn }: Composing, now: Date): Promise<Composed> {
  const { business } = setup;
  const template = await setup.templates(message.template_id, message.template_version);
  if (template.kind !== 'email')
    throw new RekindleError('template_invalid', {
      template: template.key,
      what: { en: `is no mail but ${template.kind}`, zh: `不是邮件，而是${kindLabel(template.kind).zh}` },
    });
  const rendered = renderMail(template, request);
  const mail: MailToSend = {
    messageId: message.message_id,
    from: { name: business.brand, address: business.fromAddress },
    to: { address: message.address },
    subject: rendered.subject,
    html: rendered.html,
    text: rendered.text,
    standing: template.parts[rendered.lang]?.[rendered.variant].standing,
    date: now,
    unsubscribeUrl: request.context.unsubscribeUrl,
    feedbackId: `${message.programme_id}:${message.variant}:rekindle`.replaceAll(/[^\w.:-]/g, '-'),
    list: { name: business.brand, id: `${message.programme_id}.${hostOf(business.fromAddress)}` },
    bounceDomain: setup.bounceDomain,
  };
  return {
    send: (mayLeave) => setup.channel.send(mail, undefined, mayLeave),
    links: rendered.links,
    asks: asksIn(rendered.html),
  };
}

/** The e-mail way out, as the sender drives it. */
export function emailDelivery(setup: EmailSetup): Delivery {
  return {
    channel: 'email',
    closed: setup.channel.closed,
    allowance: setup.guard?.allowance,
    pace: { limits: setup.limits ?? DEFAULT_PACE, domainOf },
    prepare: (messages, now) =>
      composeBatch(setup, 'email', messages, now, (composing) => composeMail(setup, composing, now)),
    close: () => setup.channel.close(),
  };
}
