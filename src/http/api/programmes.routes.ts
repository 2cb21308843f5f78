// Steering programmes: the gallery, drafts, a dry run, starting and pausing, how one is running, and what came of it.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { unfinishedFields } from '../../collect/business.service.ts';
import { fieldsText } from '../../kernel/business.ts';
import { createOffer, settleGrants } from '../../decide/offers/grants.sql.ts';
import { listOffers, offerRooms } from '../../decide/offers/offers.sql.ts';
import { countDecisions, listRuns } from '../../decide/programmes/decisions.sql.ts';
import { dryRun } from '../../decide/programmes/dry-run.service.ts';
import { GALLERY, type GalleryEntry } from '../../decide/programmes/gallery.ts';
import { parseProgramme } from '../../decide/programmes/programme.ts';
import {
  changeProgramme,
  checkProgramme,
  createProgramme,
  listProgrammes,
  loadProgramme,
  moveProgramme,
  removeProgramme,
  type StoredProgramme,
} from '../../decide/programmes/programmes.service.ts';
import { progressOf } from '../../decide/programmes/progress.sql.ts';
import type { Programme } from '../../decide/programmes/programme.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { programmeResults } from '../../prove/outcomes/results.service.ts';
import { reportProgramme } from '../../prove/outcomes/report.service.ts';
import { refusalsByCode } from '../../prove/outcomes/outcomes.sql.ts';
import { smallestLift } from '../../prove/outcomes/sensitivity.ts';
import { CHANNEL_KEYS, CHANNELS } from '../../reach/channels/channels.ts';
import { STARTER_TEMPLATES } from '../../reach/templates/starter-library.ts';
import { listTemplates, saveTemplate } from '../../reach/templates/templates.service.ts';
import { listPolicies } from '../../understand/dormancy/policy.service.ts';
import { STAGE_NAMES } from '../../understand/dormancy/stage.ts';
import { listSegments } from '../../understand/segments/segments.service.ts';
import type { ProgrammeProgress } from '../contract/programmes.ts';
import { rulesWarnings } from '../../reach/arbiter/rules-warnings.ts';
import { mails, startCheck, type StartCheck } from '../start-check.ts';
import { endpoint, versionGiven, type Endpoint } from './endpoint.ts';
import { eventStream, lookEvery } from './event-stream.ts';

const MOVES = [
  { move: 'start', summary: 'Starts a programme, or goes on with a paused one' },
  { move: 'pause', summary: 'Pauses a programme: nobody enters and nothing is planned; what is planned waits' },
  { move: 'end', summary: 'Ends a programme for good and cancels what is planned' },
] as const;

const LIVE_EVERY_MS = 2_000;
const LIFT_EVERY_MS = 60_000;

const shown = ({ programme, version, state }: StoredProgramme) => ({ programme, version, state });

const versionOf = (answer: unknown): number => (answer as { readonly version: number }).version;

function ideaOf(key: string): GalleryEntry {
  const entry = GALLERY.find((each) => each.key === key);
  if (entry === undefined) throw new RekindleError('not_found', { what: { en: `idea ${key}`, zh: `方案 ${key}` } });
  return entry;
}

/** Saves the templates an idea needs and the offer it brings, as far as they are not there; what is there stays as it is. */
async function bringAlong(app: App, entry: GalleryEntry): Promise<void> {
  const { db } = app.records;
  const now = app.clock.now();
  const saved = new Set((await listTemplates(db)).map((template) => template.templateId));
  for (const template of STARTER_TEMPLATES)
    if (entry.templates.includes(template.key) && !saved.has(template.key)) await saveTemplate(db, template, now);
  if (entry.offer === null) return;
  try {
    await createOffer(db, entry.offer, now);
  } catch (error) {
    if (!(error instanceof RekindleError && error.code === 'conflict')) throw error;
  }
}

async function progress(app: App, programmeId: string, withLift: boolean): Promise<ProgrammeProgress> {
  const { records, events, clock, business } = app;
  const now = clock.now();
  const { state } = await loadProgramme(records, programmeId);
  const report =
    withLift && state !== 'draft'
      ? await reportProgramme({ records, events, marginShare: business.marginShare }, programmeId, now)
      : undefined;
  return {
    programmeId,
    state,
    at: now.toISOString(),
    ...(await progressOf(records.db, programmeId)),
    refused: await refusalsByCode(records.db, programmeId),
    incrementalReturns: report?.total.incrementalReturns ?? null,
  };
}

/** What a programme may be built of, in one answer. */
async function choices(app: App) {
  const { db } = app.records;
  const offers = (await listOffers(db, app.clock.now())).filter((each) => each.closedAt === null);
  const rooms = await offerRooms(
    db,
    offers.map(({ offer }) => offer.offerId),
  );
  const templates = await listTemplates(db);
  const policies = (await listPolicies(app.records)).filter((each) => each.active);
  return {
    policies: policies.map(({ policy }) => ({ policyId: policy.policyId, name: policy.name })),
    templates: templates.map(({ templateId, kind }) => ({ templateId, kind })),
    offers: offers.map(({ offer }) => ({
      offerId: offer.offerId,
      name: offer.name,
      left: rooms.get(offer.offerId) ?? 0,
    })),
    segments: (await listSegments(db)).map(({ segmentId, name }) => ({ segmentId, name })),
    channels: CHANNEL_KEYS.map((channel) => ({ channel, templateKind: CHANNELS[channel].template })),
    stages: STAGE_NAMES.filter((stage) => stage !== 'sunset'),
  };
}

const checkStart = (app: App, programme: Programme): StartCheck =>
  startCheck(programme, {
    unfinished: unfinishedFields(app.business, !app.mailIsLocal()),
    providers: app.providers(),
    mailIsPreview: app.mailIsPreview(),
    mailIsLocal: app.mailIsLocal(),
    warnings: rulesWarnings(app.rules.rules),
  });

export const programmeEndpoints = (app: App): readonly Endpoint[] => {
  const { records, clock } = app;
  return [
    endpoint({
      method: 'get',
      path: '/programmes',
      need: 'programmes.read',
      summary: 'All programmes',
      run: async () => ({ programmes: await listProgrammes(records) }),
    }),
    endpoint({
      method: 'post',
      path: '/programmes',
      need: 'programmes.write',
      summary: 'Adds a programme as a draft; its policy, templates and offers must exist',
      status: 201,
      body: z.unknown(),
      refusals: ['not_found', 'conflict'],
      run: async ({ body }) => {
        const stored = await createProgramme(app.programmes, body, clock.now());
        app.returns.refresh();
        return shown(stored);
      },
    }),
    endpoint({
      method: 'post',
      path: '/programmes/check',
      need: 'programmes.read',
      summary: 'The first thing that is wrong with a definition, or null',
      body: z.looseObject({ programmeId: z.string() }),
      run: async ({ body }) => {
        try {
          await checkProgramme(app.programmes, body);
          return { problem: null };
        } catch (error) {
          if (!(error instanceof RekindleError)) throw error;
          const { where, what } = error.detailsIn('en');
          return { problem: { where: String(where ?? error.code), what: String(what ?? error.message) } };
        }
      },
    }),
    endpoint({
      method: 'post',
      path: '/programmes/dry-run',
      need: 'programmes.read',
      summary: 'Whom a definition would reach, leave alone and refuse if it ran now; nothing is written',
      body: z.unknown(),
      refusals: ['not_found', 'template_invalid'],
      run: async ({ body }) => {
        const { programmeId } = parseProgramme(body);
        const known = (await listProgrammes(records)).some((each) => each.programmeId === programmeId);
        const salt = known ? (await loadProgramme(records, programmeId)).salt : undefined;
        const result = await dryRun(app.programmes, body, clock.now(), salt);
        return {
          ...result,
          smallestLift: smallestLift({
            controlRate: result.expectedReturnRate ?? 0.1,
            controlPeople: result.control,
            treatedPeople: result.treated,
          }),
          currency: app.business.currency,
        };
      },
    }),
    endpoint({
      method: 'get',
      path: '/programme-choices',
      need: 'programmes.read',
      summary: 'What a programme may be built of: policies, templates, offers, segments, channels, stages',
      run: () => choices(app),
    }),
    endpoint({
      method: 'get',
      path: '/programme-gallery',
      need: 'programmes.read',
      summary: 'Ready-made programmes to start from',
      run: () =>
        Promise.resolve({
          entries: GALLERY.map(({ key, name, idea, offer, programme }) => ({
            key,
            name,
            idea,
            offerId: offer?.offerId ?? null,
            definition: programme(''),
          })),
        }),
    }),
    endpoint({
      method: 'post',
      path: '/programme-gallery/{key}',
      need: 'programmes.write',
      summary: 'Makes a draft of an idea, with the templates and the offer it needs',
      status: 201,
      body: z.strictObject({
        programmeId: z.string(),
        name: z.string(),
        policyId: z.string(),
      }),
      refusals: ['not_found', 'conflict'],
      run: async ({ params, body }) => {
        const entry = ideaOf(params.key);
        const { policyId, ...named } = body;
        const definition = parseProgramme({ ...entry.programme(policyId), ...named });
        await bringAlong(app, entry);
        const stored = await createProgramme(app.programmes, definition, clock.now());
        app.returns.refresh();
        return shown(stored);
      },
    }),
    endpoint({
      method: 'patch',
      path: '/programmes/{programmeId}',
      need: 'programmes.write',
      summary: 'Changes a draft as a whole, if it still is at the version of `If-Match`',
      body: z.unknown(),
      refusals: ['not_found', 'conflict', 'changed_elsewhere', 'template_invalid'],
      version: versionOf,
      run: async ({ params, body, ifMatch }) => {
        const stored = await changeProgramme(app.programmes, params.programmeId, body, versionGiven(ifMatch));
        app.returns.refresh();
        return shown(stored);
      },
    }),
    endpoint({
      method: 'delete',
      path: '/programmes/{programmeId}',
      need: 'programmes.write',
      summary: 'Removes a draft',
      refusals: ['not_found', 'conflict'],
      run: async ({ params }) => {
        await removeProgramme(records, params.programmeId);
        app.returns.refresh();
        return { removed: params.programmeId };
      },
    }),
    endpoint({
      method: 'get',
      path: '/programmes/{programmeId}/progress',
      need: 'programmes.read',
      summary: 'Where everybody is; as server-sent events for whoever accepts them',
      refusals: ['not_found'],
      run: async ({ params, accept }) => {
        const { programmeId } = params;
        const first = await progress(app, programmeId, true);
        if (!accept.includes('text/event-stream')) return first;
        return eventStream((tell) => {
          let last = first;
          let liftAtMs = Date.now();
          tell('progress', first);
          return lookEvery(LIVE_EVERY_MS, async () => {
            const isDue = Date.now() - liftAtMs >= LIFT_EVERY_MS;
            if (isDue) liftAtMs = Date.now();
            const next = await progress(app, programmeId, isDue);
            const told = isDue ? next : { ...next, incrementalReturns: last.incrementalReturns };
            if (JSON.stringify({ ...told, at: '' }) !== JSON.stringify({ ...last, at: '' })) tell('progress', told);
            last = told;
          });
        });
      },
    }),
    endpoint({
      method: 'get',
      path: '/programmes/{programmeId}',
      need: 'programmes.read',
      summary: 'A programme with its last runs',
      refusals: ['not_found'],
      version: versionOf,
      run: async ({ params }) => ({
        ...shown(await loadProgramme(records, params.programmeId)),
        runs: await listRuns(records.db, params.programmeId, 20),
      }),
    }),
    endpoint({
      method: 'get',
      path: '/programmes/{programmeId}/start-check',
      need: 'programmes.read',
      summary: 'What must be done before the programme may start, and which of its channels reach nobody yet',
      refusals: ['not_found'],
      run: async ({ params }) => checkStart(app, (await loadProgramme(records, params.programmeId)).programme),
    }),
    ...MOVES.map(({ move, summary }) =>
      endpoint({
        method: 'post',
        path: `/programmes/{programmeId}/${move}`,
        need: 'programmes.start',
        summary,
        refusals:
          move === 'start'
            ? ['not_found', 'conflict', 'sender_not_ready', 'profile_unfinished']
            : ['not_found', 'conflict'],
        run: async ({ params }) => {
          if (move === 'start') {
            const { programme } = await loadProgramme(records, params.programmeId);
            const { missing } = checkStart(app, programme);
            if (missing.length > 0) throw new RekindleError('profile_unfinished', { fields: fieldsText(missing) });
            if (mails(programme)) await app.preflight.requireReady(clock.now());
          }
          await moveProgramme(records, params.programmeId, move, clock.now());
          app.returns.refresh();
          const { programme, state } = await loadProgramme(records, params.programmeId);
          return { programmeId: programme.programmeId, state };
        },
      }),
    ),
    endpoint({
      method: 'post',
      path: '/programmes/{programmeId}/run',
      need: 'programmes.start',
      summary:
        'Does now what a running programme would do by itself: enter who is due, move members on, send what is due',
      refusals: ['not_found', 'conflict'],
      run: async ({ params }) => {
        const { state } = await loadProgramme(records, params.programmeId);
        if (state !== 'running')
          throw new RekindleError('conflict', {
            what: {
              en: `programme ${params.programmeId} is ${state}; start it first`,
              zh: `唤醒计划 ${params.programmeId} 的状态为 ${state}，请先启动`,
            },
          });
        const round = await app.runProgramme(params.programmeId);
        const sent = await app.sender.sendDue();
        await settleGrants(records.db, clock.now());
        return { programmeId: params.programmeId, ...round, sent };
      },
    }),
    endpoint({
      method: 'get',
      path: '/programmes/{programmeId}/report',
      need: 'results.read',
      summary: 'What happened, what would have happened, and the difference with its interval',
      refusals: ['not_found'],
      run: async ({ params }) => ({
        ...(await reportProgramme(
          { records, events: app.events, marginShare: app.business.marginShare },
          params.programmeId,
          clock.now(),
        )),
        currency: app.business.currency,
      }),
    }),
    endpoint({
      method: 'get',
      path: '/programmes/{programmeId}/results',
      need: 'results.read',
      summary:
        'The result in depth: lift over time, within groups known at entry, second life, the long run, and attribution beside it',
      refusals: ['not_found'],
      run: async ({ params }) => ({
        ...(await programmeResults(
          {
            records,
            events: app.events,
            marginShare: app.business.marginShare,
            timeZone: app.business.timeZone,
          },
          params.programmeId,
          clock.now(),
        )),
        currency: app.business.currency,
      }),
    }),
    endpoint({
      method: 'get',
      path: '/programmes/{programmeId}/decisions',
      need: 'programmes.read',
      summary: 'Decisions counted by outcome and reason',
      refusals: ['not_found'],
      run: async ({ params }) => {
        await loadProgramme(records, params.programmeId);
        return { decisions: await countDecisions(records.db, params.programmeId) };
      },
    }),
  ];
};
