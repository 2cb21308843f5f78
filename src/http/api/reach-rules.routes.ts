// Steering the arbiter's rules: what is in force, what was before, and a new version that holds at once.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { HOURS_GROUNDS, LAWFUL_HOURS } from '../../reach/arbiter/openings.ts';
import { rulesWarnings } from '../../reach/arbiter/rules-warnings.ts';
import { previewRules } from '../../reach/arbiter/replay.service.ts';
import {
  checkRules,
  listRules,
  reachRulesSchema,
  readRules,
  rulesAt,
  saveRules,
} from '../../reach/arbiter/rules.service.ts';
import { explainRetention, retentionChangeSchema } from '../../reach/consent/retention.ts';
import { readRetention, saveRetention } from '../../reach/consent/retention.service.ts';
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
      query: z.strictObject({ version: z.coerce.number().int().min(0).optional() }),
      refusals: ['not_found'],
      run: async ({ query: { version } }) => {
        const stored = version === undefined ? await readRules(db) : await rulesAt(db, version);
        return {
          ...stored,
          warnings: rulesWarnings({ ...app.rules.rules, ...stored.rules }),
          lawfulHours: LAWFUL_HOURS.map((each) => ({ ...each, restsOn: HOURS_GROUNDS[each.ground] })),
          versions: await listRules(db, VERSIONS_SHOWN),
        };
      },
    }),
    endpoint({
      method: 'post',
      path: '/reach-rules/preview',
      need: 'reach.read',
      summary:
        'What a set of rules would have done to the sends of the last days, beside the rules in force; refused where it could not be saved',
      body: z.strictObject({ rules: reachRulesSchema, days: z.number().int().min(1).max(90).default(7) }),
      run: async ({ body }) => {
        await checkRules(db, app.rules.rules, body.rules);
        const rules = { ...app.rules.rules, ...body.rules };
        const preview = await previewRules(db, rules, app.rules.rules, body.days, app.clock.now());
        return { ...preview, warnings: rulesWarnings(rules) };
      },
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
        return { ...saved, warnings: rulesWarnings(app.rules.rules) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/retention',
      need: 'reach.read',
      summary: 'How many months it is kept, channel by channel, to whom messages went',
      run: async () => readRetention(db),
    }),
    // Apart, because what shows a setting is what the audit log keeps of it.
    endpoint({
      method: 'get',
      path: '/retention/explained',
      need: 'reach.read',
      summary: 'The same in words, in both languages: what is deleted when, what stays, and why so long',
      run: async () => ({ explained: explainRetention(await readRetention(db)) }),
    }),
    endpoint({
      method: 'put',
      path: '/retention',
      need: 'reach.write',
      summary:
        'Sets the months after which it is deleted to whom the messages of a channel went; what is not named stays as it is',
      body: retentionChangeSchema,
      run: async ({ body }) => saveRetention(db, body),
    }),
  ];
};
