// What a site or an app asks for a person: her inbox, and the question of a survey in it. Whoever asks for the inbox shows a person token; a
// survey's own address is its token. Pages of other origins may ask: everything under /v1 is open to them.
import { Hono, type Context } from 'hono';
import { RekindleError } from '../../kernel/errors.ts';
import { isObject, storableJson, textOf } from '../../kernel/json.ts';
import { langOf } from '../../kernel/lang.ts';
import { isAnswer, SURVEYS } from '../../understand/surveys/survey.ts';
import { answerByLink, surveyTarget } from '../surveys/survey-link.service.ts';
import { signToken } from '../tracking/token.ts';
import type { TrackingContext } from '../tracking/tracking.service.ts';
import { inboxOrder, mayShow, type InboxRow } from './inbox.ts';
import type { Inboxes } from './inbox.service.ts';
import type { PersonCheck } from './person-check.service.ts';

const MESSAGES_MAX = 20;
const BODY_CHARS_MAX = 10_000;

export type InboxRoutesContext = {
  readonly inboxes: Inboxes;
  readonly checkPerson: PersonCheck;
  readonly tracking: TrackingContext;
  readonly now: () => Date;
};

/** What rendering makes of an address that is none. */
const isAddress = (url: string | undefined): url is string => url !== undefined && url !== '' && url !== '#';

/** As the SDK takes it: `InAppMessage` of `sdk/src/message.ts`. */
function shownMessage(tokenSecret: string, row: InboxRow): Readonly<Record<string, unknown>> {
  const { layout, title, body, imageUrl, buttons, adLabel, surveyUrl } = row.fields;
  const survey = /\/s\/([\w-]{40})$/.exec(surveyUrl ?? '')?.[1];
  const isTest = row.is_test;
  return {
    messageId: row.message_id,
    receipt: isTest ? '' : signToken(tokenSecret, { kind: 'receipt', messageId: row.message_id }),
    ...(isTest ? { isTest } : {}),
    layout,
    lang: langOf(row.language),
    title,
    body,
    ...(isAddress(imageUrl) ? { imageUrl } : {}),
    // A test is nobody's message to opt out of.
    ...(isTest
      ? {}
      : { optOutPath: `/u/${signToken(tokenSecret, { kind: 'unsubscribe', messageId: row.message_id })}` }),
    actions: (buttons ?? []).filter(({ url }) => isAddress(url)),
    isAd: adLabel,
    ...(survey === undefined ? {} : { surveyPath: `/v1/surveys/${survey}` }),
  };
}

export function inboxRoutes(context: InboxRoutesContext): Hono {
  const routes = new Hono();
  const { tracking, now } = context;
  /** Made once for as long as a row is in memory: signing its links is most of the work of an answer. */
  const made = new WeakMap<InboxRow, string>();
  const shownText = (row: InboxRow): string => {
    const known = made.get(row);
    if (known !== undefined) return known;
    const text = JSON.stringify(shownMessage(tracking.tokenSecret, row));
    made.set(row, text);
    return text;
  };

  routes.get('/v1/inbox', async (c) => {
    const personId = await context.checkPerson(c.req.header('authorization'));
    const at = now();
    const { rows } = await context.inboxes.of(personId);
    const shown = rows.filter((row) => mayShow(row, at)).sort(inboxOrder);
    const messages = shown.slice(0, MESSAGES_MAX).map(shownText);
    return c.body(`{"messages":[${messages.join(',')}]}`, 200, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
    });
  });

  routes.use('/v1/surveys/*', async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
  });
  const targetOf = async (c: Context) => {
    const target = await surveyTarget(tracking, c.req.param('token') ?? '');
    const { closedAt } = target.wave;
    if (closedAt !== null && closedAt <= now()) throw new RekindleError('survey_closed');
    return { target, lang: langOf(c.req.query('lang') ?? target.language) };
  };
  routes.get('/v1/surveys/:token', async (c) => {
    const { target, lang } = await targetOf(c);
    const { kind, question } = target.wave;
    const options = SURVEYS[kind].options.map(({ answer, label }) => ({ answer, label: label[lang] }));
    return c.json({ question: (question ?? SURVEYS[kind].question)[lang], options });
  });
  routes.post('/v1/surveys/:token', async (c) => {
    const { target, lang } = await targetOf(c);
    const text = await c.req.text();
    if (text.length > BODY_CHARS_MAX)
      throw new RekindleError('too_large', {
        what: { en: 'The body', zh: '请求体' },
        limit: { en: `${BODY_CHARS_MAX} characters`, zh: `${BODY_CHARS_MAX} 个字符` },
      });
    let body: unknown;
    try {
      body = storableJson(text);
    } catch (cause) {
      throw new RekindleError('body_not_json', { what: cause instanceof Error ? cause.message : '' }, { cause });
    }
    const answer = isObject(body) ? (textOf(body['answer']) ?? '') : '';
    if (!isAnswer(target.wave.kind, answer))
      throw new RekindleError('invalid', {
        where: 'answer',
        what: { en: 'is none of the options', zh: '不在选项之内' },
      });
    const freeText = isObject(body) ? (textOf(body['text']) ?? '') : '';
    const outcome = await answerByLink(tracking, target, { answer, freeText, language: lang }, now());
    if (outcome === 'closed') throw new RekindleError('survey_closed');
    if (outcome === 'gone') throw new RekindleError('token_invalid');
    return c.json({ outcome });
  });
  return routes;
}
