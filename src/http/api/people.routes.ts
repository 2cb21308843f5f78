// Steering people: find, show, explain, export, merge, erase.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { findPeople } from '../../collect/people/find.sql.ts';
import { linkedPeople } from '../../collect/people/people.sql.ts';
import { actorsOf, exportPerson, mergePeople } from '../../collect/people/people.service.ts';
import { personRecords } from '../../collect/people/person-rows.sql.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { explainContact } from '../../reach/arbiter/explain.service.ts';
import { subscriptionsOf } from '../../reach/arbiter/filled-templates.sql.ts';
import { PURPOSES } from '../../reach/consent/consent.service.ts';
import { STAGE_NAMES } from '../../understand/dormancy/stage.ts';
import { personStates, stageMoves } from '../../understand/dormancy/states.sql.ts';
import { peopleTable } from '../../understand/people/people-table.service.ts';
import { PEOPLE_SORTS } from '../../understand/people/people-table.sql.ts';
import { REASONS } from '../../understand/reasons/causes.ts';
import { RFM_GROUP_NAMES } from '../../understand/value/rfm.ts';
import { reasonsOf } from '../../understand/reasons/reasons.service.ts';
import { latestEvents } from '../../prove/story/timeline.sql.ts';
import { personStory } from '../../prove/story/person-story.service.ts';
import { holds } from '../access/caller.ts';
import { addressesOf } from '../../reach/channels/addresses.sql.ts';
import { CHANNEL_KEYS } from '../../reach/channels/channels.ts';
import { eraseEverywhere } from '../privacy-runs.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const MOVES_SHOWN = 20;

export const peopleEndpoints = (app: App): readonly Endpoint[] => {
  const { records, events, clock, returns } = app;
  const stores = { records, events, addressSecret: app.secrets.address };

  /** The id she stands under now, after merges and sign-ins. */
  const currentId = async (personId: string): Promise<string> =>
    (await linkedPeople(records.db, [personId])).get(personId) ?? personId;

  return [
    endpoint({
      method: 'get',
      path: '/people',
      need: 'people.read',
      summary: 'Finds people by id, e-mail address, phone number or the beginning of a name',
      query: z.strictObject({
        query: z.string().min(1).max(254),
        limit: z.coerce.number().int().min(1).max(200).default(20),
      }),
      run: async ({ query }) => ({ people: await findPeople(records.db, query.query.trim(), query.limit) }),
    }),
    // Before the ids, so that "table" is none.
    endpoint({
      method: 'get',
      path: '/people/table',
      need: 'people.read',
      summary:
        'Everybody page by page, filtered by stage, reason, RFM group, segment and search, sorted by the last activity, money, chance of return or expected value',
      query: z.strictObject({
        policyId: z.string().min(1).optional(),
        stage: z.enum(STAGE_NAMES).optional(),
        reason: z.enum(REASONS).optional(),
        rfmGroup: z.enum(RFM_GROUP_NAMES).optional(),
        segmentId: z.string().min(1).optional(),
        search: z.string().max(254).default(''),
        sort: z.enum(PEOPLE_SORTS).default('lastOn'),
        descending: z.stringbool().default(true),
        page: z.coerce.number().int().min(1).max(1_000_000).default(1),
        pageSize: z.coerce.number().int().min(1).max(200).default(50),
      }),
      refusals: ['not_found'],
      run: ({ query }) => peopleTable(app.segments, query, clock.now()),
    }),
    endpoint({
      method: 'get',
      path: '/people/{personId}',
      need: 'people.read',
      summary: 'A person: stages and scores, why she went quiet, consents, messages, decisions',
      refusals: ['not_found'],
      run: async ({ params }) => {
        const personId = await currentId(params.personId);
        const held = await personRecords(records.db, personId, await actorsOf({ records, events }, personId));
        const states = await personStates(events, personId);
        if (held['person'] === undefined && states.length === 0)
          throw new RekindleError('not_found', {
            what: { en: `person ${params.personId}`, zh: `用户 ${params.personId}` },
          });
        return {
          personId,
          ...held,
          states,
          reasons: await reasonsOf(events, personId),
          stageChanges: await stageMoves(events, personId, MOVES_SHOWN),
        };
      },
    }),
    endpoint({
      method: 'get',
      path: '/people/{personId}/story',
      need: 'people.read',
      summary:
        'Her whole story: identity, what she did, stages with causes, the score in words, reasons with evidence, recommendations, messages, grants, consents, decisions, and where she may be written to now',
      refusals: ['not_found'],
      run: async ({ params, caller }) =>
        personStory(
          {
            stores,
            rules: app.programmes.rules,
            currency: app.business.currency,
            recommendations: app.recommendations,
            now: clock.now(),
            showsContactData: holds(caller, 'people.contact_data'),
          },
          await currentId(params.personId),
        ),
    }),
    endpoint({
      method: 'get',
      path: '/people/{personId}/events',
      need: 'people.read',
      summary: 'What she did, the latest first, page by page',
      query: z.strictObject({
        before: z.string().max(300).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(200),
      }),
      run: async ({ params, query }) =>
        latestEvents(events, await currentId(params.personId), query.limit, query.before),
    }),
    endpoint({
      method: 'get',
      path: '/people/{personId}/why',
      need: 'people.read',
      summary:
        'May she be contacted now, on this channel and on each, and if not, why and until when? And what was decided about her before',
      query: z.strictObject({
        channel: z.enum(CHANNEL_KEYS).default('email'),
        purpose: z.enum(PURPOSES).default('marketing'),
        programmeId: z.string().optional(),
      }),
      refusals: ['not_found'],
      run: async ({ params, query }) => {
        const personId = await currentId(params.personId);
        const person = await records.db
          .selectFrom('people')
          .select('person_id')
          .where('person_id', '=', personId)
          .executeTakeFirst();
        const states = await personStates(events, personId);
        if (person === undefined && states.length === 0)
          throw new RekindleError('not_found', {
            what: { en: `person ${params.personId}`, zh: `用户 ${params.personId}` },
          });
        const found = (await addressesOf(records.db, [personId], CHANNEL_KEYS, app.secrets.address)).get(personId);
        const who = { person_id: personId, purpose: query.purpose, programme_id: query.programmeId ?? null };
        const answers = await explainContact(
          records.db,
          who,
          new Map(CHANNEL_KEYS.map((channel) => [channel, found?.get(channel)?.addressKey ?? null])),
          app.rules.rules,
          clock.now(),
        );
        const answer = answers.find((each) => each.channel === query.channel)!;
        let decided = records.db
          .selectFrom('decisions')
          .select(['programme_id', 'decided_at', 'outcome', 'codes', 'variant', 'deferred_until'])
          .where('person_id', '=', personId);
        if (query.programmeId !== undefined) decided = decided.where('programme_id', '=', query.programmeId);
        const decisions = await decided.orderBy('decided_at', 'desc').limit(20).execute();
        return {
          personId,
          channel: query.channel,
          purpose: query.purpose,
          permitted: answer.permitted,
          refusals: answer.refusals,
          deferrals: answer.deferrals,
          deferredUntil: answer.deferredUntil,
          channels: answers,
          subscriptions: await subscriptionsOf(records.db, personId),
          states,
          decisions: decisions.map((row) => ({
            programmeId: row.programme_id,
            decidedAt: row.decided_at,
            outcome: row.outcome,
            codes: row.codes,
            variant: row.variant,
            deferredUntil: row.deferred_until,
          })),
        };
      },
    }),
    endpoint({
      method: 'get',
      path: '/people/{personId}/export',
      need: 'people.export',
      summary: 'Everything held about her (GDPR art. 15 and 20, PIPL art. 45)',
      refusals: ['not_found'],
      run: ({ params }) => exportPerson(stores, params.personId),
    }),
    endpoint({
      method: 'post',
      path: '/people/{personId}/merge',
      need: 'people.write',
      summary: 'Makes her the same person as another, who keeps her id',
      body: z.strictObject({ into: z.string().min(1) }),
      refusals: ['not_found', 'conflict'],
      run: async ({ params, body }) => {
        const [from, into] = [await currentId(params.personId), await currentId(body.into)];
        if (from === into) {
          if (params.personId === body.into)
            throw new RekindleError('conflict', {
              what: { en: `${from} cannot be merged into herself`, zh: `${from} 不能与自身合并` },
            });
          return { personId: into, merged: params.personId };
        }
        for (const id of [from, into]) {
          const person = await records.db
            .selectFrom('people')
            .select('person_id')
            .where('person_id', '=', id)
            .executeTakeFirst();
          if (person === undefined)
            throw new RekindleError('not_found', { what: { en: `person ${id}`, zh: `用户 ${id}` } });
        }
        await mergePeople(stores, from, into, clock.now());
        await returns.joined([{ actor_id: from, person_id: into }], clock.now());
        return { personId: into, merged: from };
      },
    }),
    endpoint({
      method: 'delete',
      path: '/people/{personId}',
      need: 'people.erase',
      summary: 'Erases her from both stores; a keyed hash of her addresses stays on the suppression list',
      refusals: ['not_found'],
      run: async ({ params }) => {
        const { personId } = params;
        const erased = (await eraseEverywhere(app, [personId])).get(personId);
        if (erased === undefined)
          throw new RekindleError('not_found', { what: { en: `person ${personId}`, zh: `用户 ${personId}` } });
        return { personId, erased: true, ...erased };
      },
    }),
  ];
};
