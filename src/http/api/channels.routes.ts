// Steering channels: which there are and who delivers them; the endpoints by which people are reached on those without mailbox or number.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords } from '../../kernel/issue.ts';
import { linkedPeople } from '../../collect/people/people.sql.ts';
import { CHANNEL_KEYS, CHANNELS, ENDPOINT_CHANNELS, isChannelKey } from '../../reach/channels/channels.ts';
import {
  disableEndpoints,
  endpointKey,
  endpointsOfPerson,
  registerEndpoint,
} from '../../reach/channels/endpoints.service.ts';
import { testConnection } from '../../reach/channels/connection-test.service.ts';
import { closedChannels } from '../../reach/messages/pace.sql.ts';
import { kindLabel } from '../../reach/templates/kinds.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const address = {
  channel: z.enum(ENDPOINT_CHANNELS),
  provider: z
    .string()
    .regex(
      /^[\w:.-]{1,100}$/,
      inWords('a word like fcm, apns, webpush, wechat:<app id>', '须为 fcm、apns、webpush、wechat:<app id> 这样的名称'),
    ),
  address: z.string().min(1).max(2_000),
};

export const channelEndpoints = (app: App): readonly Endpoint[] => {
  const { db } = app.records;
  const now = app.clock.now;
  return [
    endpoint({
      method: 'get',
      path: '/channels',
      need: 'reach.read',
      summary:
        'Every channel: what it takes, where its addresses come from, who delivers it (`sink`: nobody yet), and whether it stands still (`closed`) and why',
      run: async () => {
        const closed = await closedChannels(db, now());
        return {
          channels: CHANNEL_KEYS.map((key) => {
            const { en, zh, ...entry } = CHANNELS[key];
            return {
              channel: key,
              label: { en, zh },
              ...entry,
              templateLabel: kindLabel(entry.template),
              provider: app.providers()[key],
              closed: closed.get(key) ?? null,
            };
          }),
        };
      },
    }),
    endpoint({
      method: 'post',
      path: '/channels/{channel}/test',
      need: 'reach.write',
      summary:
        'Sends one marked test through whoever delivers the channel now, and says whether it left or only reached the preview mailbox',
      body: z.strictObject({ to: z.string().trim().min(1).max(2_000), lang: z.enum(['en', 'zh']).default('en') }),
      refusals: ['not_found', 'conflict', 'person_token_invalid'],
      run: ({ params: { channel }, body }) => {
        if (!isChannelKey(channel))
          throw new RekindleError('not_found', { what: { en: `channel "${channel}"`, zh: `渠道“${channel}”` } });
        return testConnection(
          {
            db,
            addressSecret: app.secrets.address,
            business: app.business,
            checkPerson: app.checkPerson,
            ...app.tests,
            provider: () => app.providers()[channel],
            isPreview: app.mailIsPreview,
          },
          { channel, ...body },
          now(),
        );
      },
    }),
    endpoint({
      method: 'post',
      path: '/endpoints',
      need: 'data.write',
      summary: 'Registers a device, subscription or openid of a person, or says that it was seen again',
      status: 201,
      body: z.strictObject({
        personId: z.string().min(1),
        ...address,
        details: z.record(z.string(), z.unknown()).default({}),
      }),
      refusals: ['not_found'],
      run: ({ body }) => registerEndpoint(db, body, app.secrets.address, now()),
    }),
    endpoint({
      method: 'post',
      path: '/endpoints/disable',
      need: 'data.write',
      summary: 'Takes an endpoint out of use, for example at sign-out; repeating it changes nothing',
      body: z.strictObject({ ...address, code: z.string().min(1).max(60).default('signed_out') }),
      run: async ({ body }) => ({
        disabled: await disableEndpoints(db, body.channel, [endpointKey(app.secrets.address, body)], body.code, now()),
      }),
    }),
    endpoint({
      method: 'get',
      path: '/people/{personId}/endpoints',
      need: 'people.read',
      summary: 'The endpoints of a person, the last seen first',
      run: async ({ params }) => {
        const personId = (await linkedPeople(db, [params.personId])).get(params.personId) ?? params.personId;
        return { personId, endpoints: await endpointsOfPerson(db, personId) };
      },
    }),
  ];
};
