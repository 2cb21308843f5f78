// Steering the arbiter's rules: what is in force, what was before, and a new version that holds at once.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { HOURS_GROUNDS, LAWFUL_HOURS } from '../../reach/arbiter/openings.ts';
import { listRules, reachRulesSchema, readRules, saveRules } from '../../reach/arbiter/rules.service.ts';
import { readRetention, retentionSchema, saveRetention } from '../../reach/consent/retention.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const VERSIONS_SHOWN = 50;

export const reachRuleEndpoints = (app: App): readonly Endpoint[] => {
  const { db } = app.records;
  return [
    endpoint({
      method: 'get',
      path: '/reach-rules',
      need: 'reach.read',
      summary:
        'Caps, gaps, quiet times, hours, priorities and topics in force, and the lawful hours that hold in any case',
      run: async () => ({
        ...(await readRules(db)),
        lawfulHours: LAWFUL_HOURS.map((each) => ({ ...each, restsOn: HOURS_GROUNDS[each.ground] })),
        versions: await listRules(db, VERSIONS_SHOWN),
      }),
    }),
    endpoint({
      method: 'put',
      path: '/reach-rules',
      need: 'reach.write',
      summary: 'Puts a whole set of rules in force, without a restart; what is left out takes its default',
      body: z.strictObject({
        rules: reachRulesSchema,
        note: z.string().max(500).default(''),
        /** The version this was made from; refused when another has come since. */
        replaces: z.number().int().min(0).optional(),
      }),
      refusals: ['conflict'],
      run: async ({ body }) => {
        const saved = await saveRules(db, app.rules.rules, body, app.clock.now());
        await app.rules.refresh();
        return saved;
      },
    }),
    endpoint({
      method: 'get',
      path: '/retention',
      need: 'reach.read',
      summary: 'How long the traces of text messages are kept',
      run: async () => readRetention(db),
    }),
    endpoint({
      method: 'put',
      path: '/retention',
      need: 'reach.write',
      summary: 'Sets how long the traces of text messages are kept; never under six months',
      body: retentionSchema,
      run: async ({ body }) => {
        await saveRetention(db, body);
        return body;
      },
    }),
  ];
};
