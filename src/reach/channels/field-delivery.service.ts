// From a claimed message to the fields a channel hands over: SMS, push, in-app, WeChat and webhook alike.
import { kindLabel } from '../templates/kinds.ts';
import { sql } from 'kysely';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { ClaimedMessage } from '../messages/claim.sql.ts';
import type { Delivery } from '../messages/sender.service.ts';
import { renderFields, textsOf, type CompiledFields } from '../templates/fields.ts';
import type { FieldKind } from '../templates/template.ts';
import type { Channel } from './channel.ts';
import { CHANNELS, type ChannelKey } from './channels.ts';
import { composeBatch, type Composed, type ComposeSetup, type Composing } from './composing.service.ts';
import type { Outgoing } from './outgoing.ts';

type EndpointFacts = { readonly provider: string; readonly details: Readonly<Record<string, unknown>> };

async function endpointFacts(
  db: RecordsDb,
  channel: ChannelKey,
  messages: readonly ClaimedMessage[],
): Promise<ReadonlyMap<string, EndpointFacts>> {
  if (CHANNELS[channel].address !== 'endpoint' || messages.length === 0) return new Map();
  const rows = await db
    .selectFrom('endpoints')
    .select(['address_key', 'provider', 'details'])
    .where('channel', '=', channel)
    .where('address_key', '=', sql<string>`ANY(${messages.map((message) => message.address_key)})`)
    .where('disabled_at', 'is', null)
    .execute();
  return new Map(rows.map((row) => [row.address_key, { provider: row.provider, details: row.details }]));
}

/** The way out of a channel whose templates are of `kind`, as the sender drives it. */
export function fieldDelivery<Kind extends FieldKind>(
  setup: ComposeSetup & {
    readonly key: ChannelKey;
    readonly kind: Kind;
    /** A template of this kind, or undefined for one of another. */
    readonly channel: Channel<Outgoing<Kind>>;
  },
): Delivery {
  const { key } = setup;
  const isOurs = (template: { readonly kind: string }): template is CompiledFields<Kind> =>
    template.kind === setup.kind;
  const compose = async (
    { message, request, asksIn }: Composing,
    endpoints: ReadonlyMap<string, EndpointFacts>,
    now: Date,
  ): Promise<Composed> => {
    const endpoint = endpoints.get(message.address_key);
    if (CHANNELS[key].address === 'endpoint' && endpoint === undefined)
      return {
        send: () =>
          Promise.resolve({
            kind: 'rejected',
            class: 'address',
            permanent: false,
            code: 'endpoint_gone',
            detail: 'the device was signed off before the message left',
          }),
        links: [],
        asks: [],
      };
    const template = await setup.templates(message.template_id, message.template_version);
    if (!isOurs(template))
      throw new RekindleError('template_invalid', {
        template: template.key,
        what: {
          en: `is ${template.kind}, not ${setup.kind}`,
          zh: `是${kindLabel(template.kind).zh}，不是${kindLabel(setup.kind).zh}`,
        },
      });
    const rendered = renderFields(template, request);
    const outgoing: Outgoing<Kind> = {
      kind: setup.kind,
      channel: key,
      messageId: message.message_id,
      programmeId: message.programme_id,
      personId: message.person_id,
      address: message.address,
      addressKey: message.address_key,
      endpoint,
      lang: rendered.lang,
      fields: rendered.fields,
      unsubscribeUrl: request.context.unsubscribeUrl,
      now,
      expiresAt: message.expires_at,
    };
    const texts = textsOf(rendered.fields).map(({ text }) => text);
    return {
      send: (mayLeave) => setup.channel.send(outgoing, undefined, mayLeave),
      links: rendered.links,
      asks: asksIn(texts.join('\n')),
    };
  };
  return {
    channel: key,
    closed: setup.channel.closed,
    partClosed: setup.channel.partClosed,
    prepare: async (messages, now) => {
      const endpoints = await endpointFacts(setup.db, key, messages);
      return composeBatch(setup, key, messages, now, (composing) => compose(composing, endpoints, now));
    },
    close: () => setup.channel.close(),
  };
}
