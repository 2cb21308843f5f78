// What a channel of plain fields is handed: finished words and an address. Adapters of SMS, push, in-app, WeChat and webhook take this.
import type { Lang } from '../../kernel/lang.ts';
import type { FieldKind, FieldsOf } from '../templates/template.ts';
import type { ChannelKey } from './channels.ts';

export type Outgoing<Kind extends FieldKind = FieldKind> = {
  [Each in Kind]: {
    readonly kind: Each;
    readonly channel: ChannelKey;
    readonly messageId: string;
    readonly programmeId: string;
    readonly personId: string;
    readonly address: string;
    readonly addressKey: string;
    /** Of channels whose address is an endpoint: who delivers there, and what it needs besides the address. */
    readonly endpoint: { readonly provider: string; readonly details: Readonly<Record<string, unknown>> } | undefined;
    readonly lang: Lang;
    readonly fields: FieldsOf<Each>;
    /** The way out and the picture that tells of an opening, for channels that show them. */
    readonly unsubscribeUrl: string;
    readonly now: Date;
    /** After this the message must not be shown any more. */
    readonly expiresAt: Date;
  };
}[Kind];
