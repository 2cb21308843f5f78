// The preference centre behind a signed link: no account, no script. GET and HEAD show and change nothing, because robots open every link of a
// mail; the POST of its form changes, and the change is in force before its response is.
import { Hono, type Context } from 'hono';
import { RekindleError } from '../../kernel/errors.ts';
import { langOf, type Lang } from '../../kernel/lang.ts';
import { FREQUENCIES, type Frequency } from '../arbiter/rules.ts';
import { ownerOfLink, type LinkContext, type LinkOwner } from './preference-links.service.ts';
import { expiredPage, PAGE_VERSION, preferencePage, type PreferenceDone } from './preference-page.ts';
import {
  changePreferences,
  PAUSE_DAYS,
  preferencesOf,
  type PreferenceChange,
  type PreferenceState,
} from './preferences.service.ts';

export type PreferenceContext = LinkContext & {
  readonly timeZone: () => string;
  readonly brand: () => string;
  /** Hears, after the wish is in force, that somebody objects to being profiled, or no longer does. */
  readonly onObjection: (personId: string, objects: boolean) => Promise<void>;
};

type Body = Readonly<Record<string, unknown>>;

const fields = (body: Body, name: string): string[] => {
  const value = body[name];
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
};

const isFrequency = (text: string): text is Frequency => Object.hasOwn(FREQUENCIES, text);

function pauseOf(text: string): number | undefined {
  if (text === '' || text === 'keep') return undefined;
  const days = [0, ...PAUSE_DAYS].find((each) => String(each) === text);
  if (days === undefined)
    throw new RekindleError('invalid', {
      where: 'pause',
      what: { en: `there is no pause of "${text}" days`, zh: `没有“${text}”天的暂停选项` },
    });
  return days;
}

function frequencyOf(text: string): Frequency | null | undefined {
  if (text === '') return undefined;
  if (text === 'normal') return null;
  if (!isFrequency(text))
    throw new RekindleError('invalid', {
      where: 'frequency',
      what: { en: `there is no frequency "${text}"`, zh: `没有“${text}”这一频率` },
    });
  return text;
}

/** The whole form: what it offers and does not name was unticked. */
function changeOf(body: Body, state: PreferenceState): PreferenceChange {
  const action = fields(body, 'action')[0];
  if (action === 'stop') return { stopAll: true };
  if (action === 'object') return { objects: true };
  if (action === 'no-objection') return { objects: false };
  if (action !== 'save')
    throw new RekindleError('invalid', {
      where: 'action',
      what: { en: 'expected save, stop, object or no-objection', zh: '须为 save、stop、object 或 no-objection' },
    });
  const ticked = fields(body, 'channel');
  const topics = fields(body, 'topic').map((each) => {
    const at = each.indexOf(':');
    return { channel: each.slice(0, at), topicId: each.slice(at + 1), wanted: true };
  });
  const isTicked = (channel: string, topicId: string): boolean =>
    topics.some((each) => each.channel === channel && each.topicId === topicId);
  const offered = state.channels.flatMap((each) =>
    state.topics.map(({ topicId }) => ({ channel: each.channel, topicId, wanted: isTicked(each.channel, topicId) })),
  );
  const said = offered.filter(
    ({ channel, topicId, wanted }) =>
      wanted === (state.channels.find((each) => each.channel === channel)?.declinedTopics.includes(topicId) ?? false),
  );
  // What the page does not offer is passed on to be refused by name.
  const strange = topics.filter(
    (each) => !offered.some((one) => one.channel === each.channel && one.topicId === each.topicId),
  );
  return {
    channels: Object.fromEntries([
      ...ticked.map((channel) => [channel, true] as const),
      ...state.channels.filter((each) => !ticked.includes(each.channel)).map((each) => [each.channel, false] as const),
    ]),
    topics: [...said, ...strange],
    pauseDays: pauseOf(fields(body, 'pause')[0] ?? ''),
    frequency: frequencyOf(fields(body, 'frequency')[0] ?? ''),
    personal: fields(body, 'personal').includes('1'),
    ads: fields(body, 'ads').includes('1'),
    // A page opened before the objection had a button of its own; no page takes one back by leaving something out.
    ...(fields(body, 'object').includes('1') ? { objects: true } : {}),
  };
}

function doneBy({ stopAll, objects, channels }: PreferenceChange): PreferenceDone {
  if (stopAll === true) return 'stopped';
  if (channels !== undefined || objects === undefined) return 'saved';
  return objects ? 'objecting' : 'takenBack';
}

export function preferenceRoutes(context: PreferenceContext, now: () => Date): Hono {
  const routes = new Hono();
  routes.use('/p/:token', async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
    c.header('Referrer-Policy', 'no-referrer');
    c.header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    );
  });
  const about = () => ({ timeZone: context.timeZone(), brand: context.brand() });
  const langFor = (c: Context, owner: LinkOwner): Lang => langOf(c.req.query('lang') ?? owner.language ?? undefined);

  routes.get('/p/:token', async (c) => {
    const owner = await ownerOfLink(context, c.req.param('token'), now());
    const lang = langFor(c, owner);
    if (owner.isExpired) return c.html(expiredPage(lang, context.brand()), 410);
    const state = await preferencesOf(context.db, owner.personId, now());
    return c.html(preferencePage(lang, state, { ...about(), now: now() }));
  });

  routes.post('/p/:token', async (c) => {
    const owner = await ownerOfLink(context, c.req.param('token'), now());
    if (owner.isExpired) return c.html(expiredPage(langFor(c, owner), context.brand()), 410);
    const body: Body = await c.req.parseBody({ all: true });
    const lang = langOf(fields(body, 'lang')[0] ?? c.req.query('lang') ?? owner.language ?? undefined);
    const { personId } = owner;
    const before = await preferencesOf(context.db, personId, now());
    const change = changeOf(body, before);
    const by = { source: 'preference-centre', textVersion: PAGE_VERSION, proof: { ...owner.proof, language: lang } };
    await changePreferences(context.db, personId, change, by, now());
    const state = await preferencesOf(context.db, personId, now());
    const [did, does] = [before.objectedAt !== null, state.objectedAt !== null];
    if (did !== does) await context.onObjection(personId, does);
    return c.html(preferencePage(lang, state, { ...about(), done: doneBy(change), now: now() }));
  });
  return routes;
}
