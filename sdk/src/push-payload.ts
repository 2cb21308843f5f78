/** What the server encrypts into a push. */
export type PushPayload = {
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly image?: string;
  readonly lang?: string;
  readonly tag?: string;
  readonly messageId: string;
  readonly receipt: string;
  readonly userId: string;
};
