// The hosted question, in process, on a real records store: what a link shows, what it may never do, and what an answer leaves behind.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Records } from '../../stores/records/records.ts';
import { deletePersonRows, movePerson, personRecords } from '../../collect/people/person-rows.sql.ts';
import { latestReasonAnswers } from '../../understand/surveys/answers.sql.ts';
import { linkIndexOf, surveyLinkOf, SURVEY_KINDS, SURVEYS } from '../../understand/surveys/survey.ts';
import { closeWave, inviteToWave, listWaves, openWave } from '../../understand/surveys/surveys.service.ts';
import { newRecords } from '../../../test/support/records-template.ts';
import { signToken } from '../tracking/token.ts';
import { surveyLinks } from './survey-link.service.ts';
import { surveyRoutes } from './survey.routes.ts';

const SECRET = 'a secret for tests';
const OPENED = new Date('2026-05-01T00:00:00Z');
let now = new Date('2026-05-10T12:00:00Z');
let records: Records;
let message: string;

/** With the server's answer to a refusal in short. */
const routes = () =>
  surveyRoutes(
    { db: records.db, tokenSecret: SECRET },
    () => now,
    () => 'Fern & <Field>',
  ).onError((error, c) => {
    if (error instanceof RekindleError) return c.text(error.code, error.status);
    throw error;
  });
const tokenOf = (answer?: string, kind: 'reason' | 'nps' = 'reason', messageId = message): string =>
  signToken(SECRET, { kind: 'survey', messageId, linkIndex: linkIndexOf(kind, answer) });
const get = (token: string, query = '', method = 'GET') => routes().request(`/s/${token}${query}`, { method });
const post = (token: string, fields: Record<string, string>) =>
  routes().request(`/s/${token}`, { method: 'POST', body: new URLSearchParams(fields) });
const answers = () =>
  records.db.selectFrom('survey_answers').select(['survey_id', 'person_id', 'answer', 'free_text']).execute();

async function addPerson(personId: string): Promise<void> {
  const at = OPENED;
  await records.db
    .insertInto('people')
    .values({
      person_id: personId,
      email: null,
      phone: null,
      email_key: null,
      phone_key: null,
      first_name: null,
      language: null,
      country: null,
      time_zone: null,
      traits: '{}',
      cluster_key: personId,
      global_bucket: 0,
      created_at: at,
      updated_at: at,
    })
    .execute();
}

async function addMessage(personId: string, language = 'en'): Promise<string> {
  const at = new Date(OPENED.getTime() + DAY_MS);
  const messageId = newId('msg', at);
  await records.db
    .insertInto('messages')
    .values({
      message_id: messageId,
      programme_id: 'p',
      run_id: messageId,
      step: 0,
      person_id: personId,
      channel: 'email',
      purpose: 'marketing',
      address: 'a@example.com',
      address_key: personId,
      variant: 'question',
      template_id: 'question',
      template_version: 1,
      language,
      grant_id: null,
      state: 'sent',
      due_at: at,
      expires_at: at,
      claimed_by: null,
      claimed_at: at,
      sent_at: at,
      provider_id: null,
      code: null,
      detail: null,
      created_at: at,
      finished_at: at,
    })
    .execute();
  return messageId;
}

beforeAll(async () => {
  records = await newRecords();
});
afterAll(() => records.close());
beforeEach(async () => {
  for (const table of ['survey_answers', 'survey_invitations', 'surveys', 'messages', 'people'] as const)
    await records.db.deleteFrom(table).execute();
  now = new Date('2026-05-10T12:00:00Z');
  await addPerson('ann');
  message = await addMessage('ann');
  await openWave(records.db, { surveyId: 'spring', kind: 'reason', name: 'Spring' }, OPENED);
});

describe('the page of a survey link', () => {
  it('preselects the option of the link and records nothing, whoever opens it and how often', async () => {
    for (const method of ['GET', 'GET', 'HEAD']) expect((await get(tokenOf('privacy'), '', method)).status).toBe(200);
    const html = await (await get(tokenOf('privacy'))).text();
    expect(html).toMatch(/value="privacy" required checked/);
    expect(html.match(/ required checked/g)).toHaveLength(1);
    expect(await answers()).toEqual([]);
  });

  it('is labelled, needs no script and loads nothing', async () => {
    const response = await get(tokenOf());
    const html = await response.text();
    expect(html).not.toMatch(/<script|src=|@import|url\(/);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(html.match(/<label class="option">/g)).toHaveLength(7);
    expect(html).toMatch(/<fieldset><legend><h1>/);
    expect(html).toMatch(/<label class="text" for="text">[\s\S]*<textarea id="text"/);
    expect(html).toContain('<html lang="en">');
  });

  it('speaks the language of the mail, or the one asked for', async () => {
    const chinese = tokenOf(undefined, 'reason', await addMessage('ann', 'zh-CN'));
    expect(await (await get(chinese)).text()).toContain('是什么让您很久没来');
    expect(await (await get(chinese, '?lang=en')).text()).toContain('What kept you away?');
  });

  it.each([
    ['forged', () => signToken('another secret', { kind: 'survey', messageId: message })],
    ['of another kind', () => signToken(SECRET, { kind: 'unsubscribe', messageId: message })],
    ['of a message nobody knows', () => tokenOf('privacy', 'reason', newId('msg', OPENED))],
    ['of a kind that was not asked then', () => tokenOf('9', 'nps')],
  ])('refuses a link %s', async (_what, token) => {
    const response = await get(token());
    expect([response.status, await response.text()]).toEqual([400, 'token_invalid']);
    expect(await answers()).toEqual([]);
  });
});

describe('an answer', () => {
  it('is recorded by one tap, once per person and wave, and changes until the wave closes', async () => {
    expect(await (await post(tokenOf('forgot'), { answer: 'forgot', text: '', lang: 'en' })).text()).toContain(
      'Thank you.',
    );
    const other = tokenOf('overload', 'reason', await addMessage('ann'));
    await post(other, { answer: 'overload', text: 'seven mails\r\na <b>week</b>', lang: 'en' });
    await post(other, { answer: 'overload', text: '', lang: 'en' });
    expect(await answers()).toEqual([
      { survey_id: 'spring', person_id: 'ann', answer: 'overload', free_text: 'seven mails\na <b>week</b>' },
    ]);
    expect(await latestReasonAnswers(records.db)).toEqual([{ personId: 'ann', reason: 'overload' }]);
    // Coming back shows the choice, and never the words: mails are passed on.
    const html = await (await get(tokenOf())).text();
    expect(html).toMatch(/value="overload" required checked/);
    expect(html).not.toContain('seven mails');

    await closeWave(records.db, 'spring', now);
    now = new Date(now.getTime() + 1000);
    expect((await post(tokenOf(), { answer: 'privacy', text: '' })).status).toBe(410);
    expect((await get(tokenOf())).status).toBe(410);
    expect(await answers()).toMatchObject([{ answer: 'overload' }]);
  });

  it('asks again where none was chosen, keeping what was written, escaped', async () => {
    const response = await post(tokenOf(), { text: '</textarea><script>alert(1)</script>', answer: 'everything' });
    const html = await response.text();
    expect(response.status).toBe(422);
    expect(html).toContain('role="alert"');
    expect(html).toContain('&lt;/textarea&gt;&lt;script&gt;');
    expect(html).not.toContain('<script>');
    expect(await answers()).toEqual([]);
  });

  it('keeps at most a thousand characters of free text', async () => {
    await post(tokenOf(), { answer: 'unknown', text: '很'.repeat(3000) });
    const [row] = await answers();
    expect(Array.from(row!.free_text)).toHaveLength(1000);
  });

  it('of somebody erased is not kept; merged people have one answer, the later', async () => {
    await addPerson('ben');
    const bens = tokenOf(undefined, 'reason', await addMessage('ben'));
    await post(tokenOf(), { answer: 'forgot', text: 'early' });
    now = new Date(now.getTime() + 60_000);
    await post(bens, { answer: 'privacy', text: 'late' });
    await inviteToWave(records.db, 'spring', ['ann', 'ben'], 'email', now);
    await movePerson(records.db, 'ben', 'ann', now);
    expect(await answers()).toMatchObject([{ person_id: 'ann', answer: 'privacy', free_text: 'late' }]);
    expect(await listWaves(records.db)).toMatchObject([{ surveyId: 'spring', invited: 1, answered: 1 }]);
    expect(await personRecords(records.db, 'ann', ['ann', 'ben'])).toMatchObject({
      surveyAnswers: [{ free_text: 'late' }],
    });
    await deletePersonRows(records.db, ['ann']);
    expect(await answers()).toEqual([]);
    expect((await post(tokenOf(), { answer: 'forgot', text: '' })).status).toBe(400);
    expect(await answers()).toEqual([]);
  });
});

describe('waves', () => {
  it('are one of a kind at a time', async () => {
    const second = { surveyId: 'summer', kind: 'reason', name: 'Summer' } as const;
    await expect(openWave(records.db, second, now)).rejects.toMatchObject({ code: 'conflict' });
    await openWave(records.db, { ...second, surveyId: 'nps-1', kind: 'nps' }, now);
    await closeWave(records.db, 'spring', now);
    await expect(openWave(records.db, { ...second, surveyId: 'spring' }, now)).rejects.toMatchObject({
      code: 'conflict',
    });
    await openWave(records.db, second, now);
  });

  it('have a link per option that means that option for ever', () => {
    const links = SURVEY_KINDS.flatMap((kind) => surveyLinks('https://m.example.com', SECRET, message, kind).options);
    expect(new Set(links.map(({ url }) => url)).size).toBe(18);
    for (const kind of SURVEY_KINDS) {
      for (const { answer } of SURVEYS[kind].options)
        expect(surveyLinkOf(linkIndexOf(kind, answer))).toEqual({ kind, answer });
      expect(surveyLinkOf(linkIndexOf(kind))).toEqual({ kind, answer: undefined });
    }
    expect(surveyLinkOf(65_535)).toEqual({ kind: 'nps', answer: undefined });
  });
});
