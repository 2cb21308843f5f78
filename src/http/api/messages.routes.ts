// What became of messages and of events that were not taken.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { listDropped } from '../../collect/ingest/dropped.sql.ts';
import { addDays, dayIn } from '../../kernel/days.ts';
import { CHANNEL_KEYS } from '../../reach/channels/channels.ts';
import { countMessages, listMessages } from '../../reach/messages/list.sql.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const STATES = ['planned', 'sending', 'sent', 'failed', 'unknown', 'cancelled', 'refused'] as const;

export const messageEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/messages',
    need: 'reach.read',
    summary:
      'Messages page by page, the latest planned first, and counted by state among those that match otherwise. `unknown`: handed over, but no answer came back',
    query: z.strictObject({
      state: z.enum(STATES).optional(),
      channel: z.enum(CHANNEL_KEYS).optional(),
      programmeId: z.string().optional(),
      personId: z.string().optional(),
      code: z.string().max(60).optional(),
      /** Days of the business, both in. */
      since: z.iso.date().optional(),
      until: z.iso.date().optional(),
      page: z.coerce.number().int().min(1).default(1),
      limit: z.coerce.number().int().min(1).max(1_000).default(50),
    }),
    run: async ({ query: { page, limit, ...rest } }) => {
      const filter = { ...rest, timeZone: app.business.timeZone };
      const byState = await countMessages(app.records.db, filter);
      return {
        byState,
        total:
          filter.state === undefined
            ? Object.values(byState).reduce((sum, count) => sum + count, 0)
            : (byState[filter.state] ?? 0),
        messages: await listMessages(app.records.db, filter, { limit, offset: (page - 1) * limit }),
      };
    },
  }),
  endpoint({
    method: 'get',
    path: '/events/dropped',
    need: 'data.read',
    summary: 'Events that were not taken in the last days, counted by day and reason',
    query: z.strictObject({ days: z.coerce.number().int().min(1).max(3_650).default(30) }),
    run: async ({ query }) => {
      const today = dayIn(app.clock.now(), app.business.timeZone);
      return { dropped: await listDropped(app.records.db, addDays(today, 1 - query.days)) };
    },
  }),
];
