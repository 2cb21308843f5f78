// One CloudEvents 1.0 event, signed after Standard Webhooks, and what its receiver's answer means. The id of the event is ours and never
// changes, so that a receiver who sees it twice knows it.
import { Webhook } from 'standardwebhooks';
import type { SendOutcome } from '../channel.ts';
import { outcomeOfStatus, type HttpAnswer, type HttpCall } from '../http/exchange.ts';

export type OutgoingEvent = {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly at: Date;
  readonly data: object;
};

export function signedCall(target: { readonly url: string; readonly secret: string }, event: OutgoingEvent): HttpCall {
  const body = JSON.stringify({
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
    time: event.at.toISOString(),
    datacontenttype: 'application/json',
    data: event.data,
  });
  return {
    url: target.url,
    method: 'POST',
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'webhook-id': event.id,
      'webhook-timestamp': String(Math.floor(event.at.getTime() / 1000)),
      'webhook-signature': new Webhook(target.secret).sign(event.id, event.at, body),
    },
    body,
  };
}

/** 2xx is yes, whatever it says; 410 means that nobody listens any more (Standard Webhooks). */
export function outcomeOfReceiver(answer: HttpAnswer, id: string, now: Date): SendOutcome {
  if (answer.status >= 200 && answer.status < 300)
    return { kind: 'sent', providerId: id, response: `HTTP ${answer.status}` };
  if (answer.status === 410)
    return { kind: 'rejected', class: 'account', permanent: false, code: 'http_410', detail: 'the receiver is gone' };
  if (answer.status >= 300 && answer.status < 400)
    return {
      kind: 'rejected',
      class: 'account',
      permanent: false,
      code: `http_${answer.status}`,
      detail: 'a redirect is not followed: the signature is for one receiver',
    };
  return outcomeOfStatus(answer, now);
}
