// From a claimed message to its words: what every channel does alike before it hands over. Guarantees: a message that cannot be written
// fails alone; the links of a batch and the people it asks are recorded before the first of them leaves, one statement each.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Business } from '../../kernel/business.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { textOf } from '../../kernel/json.ts';
import { langOf } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { BrowsedProduct } from '../../understand/recommend/browsed.service.ts';
import type { RecommendedProduct } from '../../understand/recommend/scoring.service.ts';
import type { SurveyKind } from '../../understand/surveys/survey.ts';
import { inviteToWave } from '../../understand/surveys/surveys.service.ts';
import { isOwnMail, requestOfMail } from '../consent/own-mails.ts';
import { signLink } from '../pages/signed-link.ts';
import type { Prepared } from '../messages/batch.service.ts';
import type { ClaimedMessage } from '../messages/claim.sql.ts';
import { openWaves, surveyLinks, type SurveyLinks } from '../surveys/survey-link.service.ts';
import type { RenderRequest } from '../templates/render.ts';
import type { CompiledTemplate } from '../templates/kinds.ts';
import type { CompiledTemplates } from '../templates/templates.service.ts';
import { signToken } from '../tracking/token.ts';
import { isEndless, type Patience } from './patience.ts';

export type ComposeSetup = {
  readonly db: RecordsDb;
  readonly business: Business;
  readonly templates: CompiledTemplates;
  readonly tokenSecret: string;
  readonly patience: Patience;
  /** Products for many people at once, the best first. Without it messages show none. */
  readonly recommendationsFor?: RecommendationsFor | undefined;
  /** What many people looked at last, the latest first. */
  readonly browsedFor?: BrowsedFor | undefined;
};

type RecommendationsFor = (personIds: readonly string[]) => Promise<ReadonlyMap<string, readonly RecommendedProduct[]>>;

type BrowsedFor = (personIds: readonly string[]) => Promise<ReadonlyMap<string, readonly BrowsedProduct[]>>;

/** What rendering one message wants, and which of the open waves its text turned out to ask. */
export type Composing = {
  readonly message: ClaimedMessage;
  readonly request: RenderRequest & { readonly context: { readonly unsubscribeUrl: string } };
  readonly asksIn: (text: string) => readonly string[];
};

type OpenWaves = Awaited<ReturnType<typeof openWaves>>;

function composing(
  setup: ComposeSetup,
  message: ClaimedMessage,
  waves: OpenWaves,
  products: readonly RecommendedProduct[],
  browsed: readonly BrowsedProduct[],
  msLeft: () => number,
): Composing {
  const { business, tokenSecret } = setup;
  const messageId = message.message_id;
  const lang = langOf(message.language);
  const link = (kind: 'unsubscribe' | 'preferences' | 'open' | 'trap', path: string): string =>
    `${business.publicUrl}/${path}/${signToken(tokenSecret, { kind, messageId })}`;
  const isOurs = isOwnMail(message.programme_id);
  const question = (kind: SurveyKind): SurveyLinks | undefined =>
    waves[kind] === undefined ? undefined : surveyLinks(business.publicUrl, tokenSecret, messageId, kind);
  const [survey, nps] = [question('reason'), question('nps')];
  const isIn = (asked: SurveyLinks | undefined, text: string): boolean =>
    asked !== undefined && [asked.url, ...asked.options.map(({ url }) => url)].some((url) => text.includes(url));
  return {
    message,
    request: {
      lang,
      msLeft,
      variant: message.wants_generic ? 'generic' : 'personal',
      context: {
        person: {
          firstName: message.first_name,
          lastName: textOf(message.traits['lastName'] ?? message.traits['last_name']),
        },
        brand: { name: business.brand, address: business.postalAddress, url: business.websiteUrl },
        coupon: message.content.coupon,
        products: products.map(({ name, url, imageUrl, priceCents, reason }) => ({
          name,
          url,
          imageUrl,
          // A price nobody ever named is not a price of nothing.
          priceCents: priceCents === 0 ? null : priceCents,
          currency: business.currency,
          reason: reason[lang],
        })),
        browsed: browsed.map(({ name, url, imageUrl, priceCents }) => ({
          name,
          url,
          imageUrl,
          priceCents: priceCents === 0 ? null : priceCents,
          currency: business.currency,
        })),
        unsubscribeUrl: link('unsubscribe', 'u'),
        preferencesUrl: link('preferences', 'p'),
        confirmUrl: isOurs
          ? `${business.publicUrl}/d/${signLink(tokenSecret, 'consent', requestOfMail(messageId))}`
          : undefined,
        surveyUrl: survey?.url,
        surveyOptions: survey?.options,
        npsUrl: nps?.url,
        npsOptions: nps?.options,
      },
      trackLink: (_url, linkIndex) =>
        `${business.publicUrl}/c/${signToken(tokenSecret, { kind: 'click', messageId, linkIndex })}`,
      // What asks for a consent does not watch whether it was looked at.
      ...(isOurs ? {} : { openPixelUrl: link('open', 'o'), honeypotUrl: link('trap', 'h') }),
    },
    asksIn: (text) =>
      [isIn(survey, text) ? waves.reason : undefined, isIn(nps, text) ? waves.nps : undefined].flatMap(
        (wave) => wave?.surveyId ?? [],
      ),
  };
}

export type Composed = {
  readonly send: Prepared['send'];
  readonly links: readonly string[];
  /** Surveys this message asks. */
  readonly asks: readonly string[];
};

/** Products of those whose message has room for them; who does not want to be profiled gets none. */
async function productsOf<Product>(
  templates: CompiledTemplates,
  lookUp: ((personIds: readonly string[]) => Promise<ReadonlyMap<string, readonly Product[]>>) | undefined,
  isShownBy: (template: CompiledTemplate) => boolean,
  messages: readonly ClaimedMessage[],
): Promise<ReadonlyMap<string, readonly Product[]>> {
  if (lookUp === undefined) return new Map();
  const shown = await Promise.all(
    messages.map(async (message) => {
      if (message.wants_generic) return [];
      // A template that does not compile fails its own message below, with the reason.
      const template = await templates(message.template_id, message.template_version).catch(() => undefined);
      return template !== undefined && isShownBy(template) ? [message.person_id] : [];
    }),
  );
  const people = shown.flat();
  return people.length === 0 ? new Map() : lookUp(people);
}

const TURN = 20;

/** Writes a batch; `compose` turns one message into what is handed over, and may throw for that message alone. */
export async function composeBatch(
  setup: ComposeSetup,
  channel: string,
  messages: readonly ClaimedMessage[],
  now: Date,
  compose: (composing: Composing) => Promise<Composed>,
): Promise<readonly Prepared[]> {
  const prepared: Prepared[] = [];
  const waves = await openWaves(setup.db, now);
  const { templates, recommendationsFor, browsedFor } = setup;
  const products = await productsOf(templates, recommendationsFor, (template) => template.showsProducts, messages);
  const browsed = await productsOf(templates, browsedFor, (template) => template.showsBrowsed, messages);
  const asked = new Map<string, string[]>();
  const links: { message_id: string; position: number; url: string }[] = [];
  for (const [at, message] of messages.entries()) {
    // Writing a set takes a while: whoever waits for an answer meanwhile has his turn.
    if (at % TURN === TURN - 1) await nextTurn();
    try {
      const { person_id: who } = message;
      const [shown, looked] = [products.get(who) ?? [], browsed.get(who) ?? []];
      const composed = await setup.patience.spend(`${message.template_id}@${message.template_version}`, (msLeft) =>
        compose(composing(setup, message, waves, shown, looked, msLeft)),
      );
      for (const surveyId of composed.asks) {
        const people = asked.get(surveyId) ?? [];
        people.push(message.person_id);
        asked.set(surveyId, people);
      }
      composed.links.forEach((url, position) => links.push({ message_id: message.message_id, position, url }));
      prepared.push({ message, send: composed.send });
    } catch (cause) {
      // A message that cannot be written is this message's failure, not the run's.
      const known = cause instanceof RekindleError ? cause.code : 'unexpected';
      const code = isEndless(cause) ? 'template_endless' : known;
      const detail = cause instanceof Error ? cause.message : String(cause);
      prepared.push({
        message,
        send: () => Promise.resolve({ kind: 'rejected', class: 'content', permanent: true, code, detail }),
      });
    }
  }
  if (links.length > 0) {
    await sql`
      INSERT INTO message_links (message_id, position, url)
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(links)}::jsonb) AS l (message_id text, position integer, url text)
      ON CONFLICT DO NOTHING`.execute(setup.db);
  }
  for (const [surveyId, people] of asked) await inviteToWave(setup.db, surveyId, people, channel, now);
  return prepared;
}
