// What a device is told: the words, where a tap leads, and what it needs to report back. The browser's service worker reads exactly this
// (`sdk/src/push-payload.ts`); apps find the same names in the data of a notification.
import { sha256Hex } from '../../../kernel/hash.ts';
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

const COLLAPSE_BYTES_MAX = 64;

/** Of several that wait for one device the last is shown. Apple takes 64 bytes. */
export const collapseId = (programmeId: string): string =>
  Buffer.byteLength(programmeId) <= COLLAPSE_BYTES_MAX ? programmeId : sha256Hex(programmeId);

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
