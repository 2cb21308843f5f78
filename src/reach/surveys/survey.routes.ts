// The page behind a survey link: GET shows the question with the link's option preselected and records nothing, because robots open every
// link of a mail; the POST of the form, one tap, records the answer.
import { Hono, type Context } from 'hono';
import { langOf, type Lang } from '../../kernel/lang.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { isAnswer } from '../../understand/surveys/survey.ts';
import type { TrackingContext } from '../tracking/tracking.service.ts';
import { answerByLink, surveyTarget, type SurveyTarget } from './survey-link.service.ts';
import { closedPage, questionPage, thanksPage } from './survey-page.ts';

const isOver = ({ wave }: SurveyTarget, now: Date): boolean => wave.closedAt !== null && wave.closedAt <= now;

const field = (body: Readonly<Record<string, unknown>>, name: string): string => {
  const value = body[name];
  return typeof value === 'string' ? value : '';
};

export function surveyRoutes(context: TrackingContext, now: () => Date, brand: () => string): Hono {
  const routes = new Hono();
  routes.use('/s/*', async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
    c.header('Referrer-Policy', 'no-referrer');
    c.header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    );
  });
  const langFor = (c: Context, target: SurveyTarget): Lang => langOf(c.req.query('lang') ?? target.language);

  routes.get('/s/:token', async (c) => {
    const target = await surveyTarget(context, c.req.param('token'));
    const page = { lang: langFor(c, target), brand: brand(), wave: target.wave };
    if (isOver(target, now())) return c.html(closedPage(page), 410);
    // Whoever comes to change her answer sees it; whoever taps an option in the mail again means that one.
    const wantsOwn = c.req.query('change') !== undefined || target.linked === undefined;
    const selected = wantsOwn ? (target.chosen ?? target.linked) : target.linked;
    return c.html(questionPage(page, { selected, answered: target.chosen !== undefined }));
  });

  routes.post('/s/:token', async (c) => {
    const target = await surveyTarget(context, c.req.param('token'));
    const body = await c.req.parseBody();
    const lang = langOf(field(body, 'lang') || (c.req.query('lang') ?? target.language));
    const page = { lang, brand: brand(), wave: target.wave };
    const answer = field(body, 'answer');
    // What a form escapes may hold what no store takes.
    const text = field(body, 'text').replaceAll('\0', '').toWellFormed();
    if (!isAnswer(target.wave.kind, answer)) {
      const state = { selected: undefined, answered: target.chosen !== undefined, missing: true, text };
      return c.html(questionPage(page, state), 422);
    }
    const outcome = await answerByLink(context, target, { answer, freeText: text, language: lang }, now());
    switch (outcome) {
      case 'kept':
      case 'changed':
        return c.html(thanksPage(page, answer));
      case 'closed':
        return c.html(closedPage(page), 410);
      case 'gone':
        throw new RekindleError('token_invalid');
    }
  });
  return routes;
}
