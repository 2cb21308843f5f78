// What a device is told: the words, where a tap leads, and what it needs to report back. The browser's service worker reads exactly this
// (`sdk/src/push-payload.ts`); apps find the same names in the data of a notification.
import type { Outgoing } from '../outgoing.ts';

export type PushPayload = {
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly image?: string;
  readonly lang: string;
  readonly tag: string;
  readonly messageId: string;
  readonly receipt: string;
  readonly userId: string;
};

/** What only the app knows: where a tap leads when the message does not say, and the token by which a device reports. */
export type Told = { readonly siteUrl: () => string; readonly receiptOf: (messageId: string) => string };

const isAddress = (url: string | undefined): url is string => url !== undefined && url !== '' && url !== '#';

export const payloadOf = (message: Outgoing<'push'>, told: Told): PushPayload => ({
  title: message.fields.title,
  body: message.fields.body,
  url: isAddress(message.fields.url) ? message.fields.url : told.siteUrl(),
  ...(isAddress(message.fields.imageUrl) ? { image: message.fields.imageUrl } : {}),
  lang: message.lang === 'zh' ? 'zh-CN' : 'en',
  tag: message.programmeId,
  messageId: message.messageId,
  receipt: told.receiptOf(message.messageId),
  userId: message.personId,
});
