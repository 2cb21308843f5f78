// Steering segments: what they can be written with, how many and who is in one, saving, freezing, exporting.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { addDays, dayIn, dayNumber } from '../../kernel/days.ts';
import { inWords } from '../../kernel/issue.ts';
import {
  countSegment,
  explainInNumbers,
  segmentExamples,
  segmentPeople,
  type SegmentQuestion,
} from '../../understand/segments/questions.service.ts';
import {
  deleteSegment,
  listSegments,
  listSnapshots,
  questionOf,
  saveSegment,
  segmentSchema,
  showSegment,
  takeSnapshot,
} from '../../understand/segments/segments.service.ts';
import { movementOf } from '../../understand/segments/movement.sql.ts';
import { vocabulary } from '../../understand/segments/vocabulary.service.ts';
import { holds } from '../access/caller.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const day = z.string().refine(
  (text) => {
    try {
      dayNumber(text);
      return true;
    } catch {
      return false;
    }
  },
  { message: inWords('a calendar day such as 2026-03-01', '须为日期（如 2026-03-01）') },
);

const question = {
  segment: z.unknown(),
  policyId: z.string().min(1).optional(),
  asOf: day.optional(),
  allowUnseen: z.boolean().default(false),
};
const questionSchema = z.strictObject(question);
const exampleCount = z.number().int().min(1).max(100).default(10);

/** One line at a time, so that a million people never stand in memory at once. */
function streamed(type: string, head: string, pages: AsyncGenerator<readonly string[]>, line: (id: string) => string) {
  const encoder = new TextEncoder();
  return async (): Promise<Response> => {
    // What is refused is refused before the status has left.
    const first = await pages.next();
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        if (head !== '') controller.enqueue(encoder.encode(head));
        if (first.done !== true) controller.enqueue(encoder.encode(first.value.map(line).join('')));
        else controller.close();
      },
      pull: async (controller) => {
        const next = await pages.next();
        if (next.done === true) controller.close();
        else controller.enqueue(encoder.encode(next.value.map(line).join('')));
      },
      cancel: async () => {
        await pages.return(undefined);
      },
    });
    return new Response(stream, { headers: { 'Content-Type': type } });
  };
}

const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export const segmentEndpoints = (app: App): readonly Endpoint[] => {
  const { records, clock, segments } = app;
  const saved = async (segmentId: string, version?: number) =>
    questionOf(await showSegment(records.db, segmentId, version));

  const membersOf = (asked: SegmentQuestion, accept: string): Promise<Response> => {
    const pages = segmentPeople(segments, asked, clock.now());
    const answer = accept.includes('text/csv')
      ? streamed('text/csv; charset=utf-8', 'person_id\r\n', pages, (id) => `${csvCell(id)}\r\n`)
      : streamed('application/x-ndjson', '', pages, (id) => `${JSON.stringify({ personId: id })}\n`);
    return answer();
  };

  return [
    endpoint({
      method: 'get',
      path: '/segments/vocabulary',
      need: 'segments.read',
      summary:
        'What segments can be written with: operators and the schemas of their fields, and the names in the data, the most frequent first',
      query: z.strictObject({ search: z.string().max(100).default('') }),
      run: ({ query }) => vocabulary(segments, query.search),
    }),
    endpoint({
      method: 'post',
      path: '/segments/count',
      need: 'segments.read',
      summary: 'How many people a segment has now that need not be saved',
      body: questionSchema,
      refusals: ['not_found'],
      run: async ({ body }) => {
        const start = performance.now();
        const counted = await countSegment(segments, body, clock.now());
        return { ...counted, tookMs: Math.round(performance.now() - start) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/segments/explain',
      need: 'segments.read',
      summary: 'A segment in words, and of how many people each of its conditions is true by itself',
      body: questionSchema,
      refusals: ['not_found'],
      run: ({ body }) => explainInNumbers(segments, body, clock.now()),
    }),
    endpoint({
      method: 'post',
      path: '/segments/examples',
      need: 'people.read',
      summary: 'Some people of a segment',
      body: z.strictObject({ ...question, limit: exampleCount }),
      refusals: ['not_found'],
      run: async ({ body: { limit, ...asked }, caller }) => {
        const examples = await segmentExamples(segments, asked, limit, clock.now());
        // Names and addresses are for those who may see them.
        if (holds(caller, 'people.contact_data')) return { examples };
        return { examples: examples.map(({ personId }) => ({ personId, firstName: null, email: null })) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/segments/members',
      need: 'people.export',
      summary:
        'Everybody in a segment that need not be saved, a line a person: NDJSON, or CSV where text/csv is accepted',
      body: questionSchema,
      refusals: ['not_found'],
      run: ({ body, accept }) => membersOf(body, accept),
    }),
    endpoint({
      method: 'get',
      path: '/segments',
      need: 'segments.read',
      summary: 'All saved segments',
      run: async () => ({ segments: await listSegments(records.db) }),
    }),
    endpoint({
      method: 'post',
      path: '/segments',
      need: 'segments.write',
      summary: 'Saves a segment; everything it names must exist',
      status: 201,
      body: segmentSchema,
      refusals: ['not_found', 'conflict'],
      run: ({ body }) => saveSegment(segments, body, 'create', clock.now()),
    }),
    endpoint({
      method: 'get',
      path: '/segments/{segmentId}',
      need: 'segments.read',
      summary: 'A saved segment with its earlier versions',
      refusals: ['not_found'],
      // How many are in it changes every minute, and is no change of hers.
      version: (answer) => (answer as { readonly version: number }).version,
      run: async ({ params }) => ({
        ...(await showSegment(records.db, params.segmentId)),
        versions: await listSegments(records.db, params.segmentId),
      }),
    }),
    endpoint({
      method: 'patch',
      path: '/segments/{segmentId}',
      need: 'segments.write',
      summary: 'Changes a segment: what is given becomes part of its next version',
      body: segmentSchema
        .omit({ segmentId: true })
        .partial()
        .extend({ allowUnseen: z.boolean().optional(), watched: z.boolean().optional() }),
      refusals: ['not_found'],
      run: async ({ params, body }) => {
        const before = await showSegment(records.db, params.segmentId);
        const { name, segment, allowUnseen, watched, policyId } = before;
        const known = { name, segment, allowUnseen, watched, ...(policyId === null ? {} : { policyId }) };
        const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
        const definition = segmentSchema.parse({ segmentId: params.segmentId, ...known, ...given });
        return saveSegment(segments, definition, 'change', clock.now());
      },
    }),
    endpoint({
      method: 'delete',
      path: '/segments/{segmentId}',
      need: 'segments.write',
      summary: 'Deletes a segment that no other segment and no programme uses; its snapshots stay',
      refusals: ['not_found', 'conflict'],
      run: async ({ params }) => {
        await deleteSegment(segments, params.segmentId);
        return { segmentId: params.segmentId, deleted: true };
      },
    }),
    endpoint({
      method: 'get',
      path: '/segments/{segmentId}/count',
      need: 'segments.read',
      summary: 'How many people a saved segment has now',
      refusals: ['not_found'],
      run: async ({ params }) => countSegment(segments, await saved(params.segmentId), clock.now()),
    }),
    endpoint({
      method: 'get',
      path: '/segments/{segmentId}/members',
      need: 'people.export',
      summary: 'Everybody in a saved segment, a line a person: NDJSON, or CSV where text/csv is accepted',
      refusals: ['not_found'],
      run: async ({ params, accept }) => membersOf(await saved(params.segmentId), accept),
    }),
    endpoint({
      method: 'get',
      path: '/segments/{segmentId}/movement',
      need: 'segments.read',
      summary: 'How many people entered a saved segment and left it, day by day; of a watched one',
      query: z.strictObject({ days: z.coerce.number().int().min(1).max(366).default(30) }),
      refusals: ['not_found'],
      run: async ({ params, query }) => {
        await showSegment(records.db, params.segmentId);
        const today = dayIn(clock.now(), segments.timeZone);
        return movementOf(app.events, params.segmentId, addDays(today, 1 - query.days), today);
      },
    }),
    endpoint({
      method: 'get',
      path: '/segments/{segmentId}/snapshots',
      need: 'segments.read',
      summary: 'Frozen sets of a segment’s people, the latest first',
      refusals: ['not_found'],
      run: async ({ params }) => {
        await showSegment(records.db, params.segmentId);
        return { snapshots: await listSnapshots(records.db, params.segmentId) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/segments/{segmentId}/snapshots',
      need: 'segments.write',
      summary: 'Freezes who is in the segment now, for an audience that does not change',
      status: 201,
      refusals: ['not_found'],
      run: ({ params }) => takeSnapshot(segments, params.segmentId, clock.now()),
    }),
  ];
};
