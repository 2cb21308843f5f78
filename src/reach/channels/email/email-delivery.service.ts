// From a claimed message to bytes on the wire: template → words → tracked links; the channel builds MIME, signs and hands over.
import type { Business } from '../../../kernel/business.ts';
import { RekindleError } from '../../../kernel/errors.ts';
import { langOf } from '../../../kernel/lang.ts';
import type { RecordsDb } from '../../../stores/records/records.ts';
import type { ClaimedMessage } from '../../messages/claim.sql.ts';
import type { Prepared } from '../../messages/batch.service.ts';
import type { Delivery } from '../../messages/sender.service.ts';
import { renderMail } from '../../templates/render.ts';
import type { CompiledTemplates } from '../../templates/templates.service.ts';
import type { RecommendedProduct } from '../../../understand/recommend/scoring.service.ts';
import type { SurveyKind } from '../../../understand/surveys/survey.ts';
import { inviteToWave } from '../../../understand/surveys/surveys.service.ts';
import { openWaves, surveyLinks, type SurveyLinks } from '../../surveys/survey-link.service.ts';
import { signToken } from '../../tracking/token.ts';
import type { Channel } from '../channel.ts';
import type { MailToSend } from './mime.ts';

export type EmailSetup = {
  readonly db: RecordsDb;
  readonly business: Business;
  readonly templates: CompiledTemplates;
  readonly channel: Channel<MailToSend>;
  readonly tokenSecret: string;
  readonly bounceDomain?: string | undefined;
  /** Products for many people at once, the best first. Without it mails show none. */
  readonly recommendationsFor?: RecommendationsFor;
};

type RecommendationsFor = (personIds: readonly string[]) => Promise<ReadonlyMap<string, readonly RecommendedProduct[]>>;

type OpenWaves = Awaited<ReturnType<typeof openWaves>>;

const hostOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

async function composeMail(
  setup: EmailSetup,
  message: ClaimedMessage,
  waves: OpenWaves,
  products: readonly RecommendedProduct[],
  now: Date,
): Promise<{ readonly mail: MailToSend; readonly links: readonly string[]; readonly asks: readonly string[] }> {
  const { business, tokenSecret } = setup;
  const messageId = message.message_id;
  const link = (kind: 'unsubscribe' | 'open', path: string): string =>
    `${business.publicUrl}/${path}/${signToken(tokenSecret, { kind, messageId })}`;
  const unsubscribeUrl = link('unsubscribe', 'u');
  const question = (kind: SurveyKind): SurveyLinks | undefined =>
    waves[kind] === undefined ? undefined : surveyLinks(business.publicUrl, tokenSecret, messageId, kind);
  const [survey, nps] = [question('reason'), question('nps')];
  const lang = langOf(message.language);
  const rendered = renderMail(await setup.templates(message.template_id, message.template_version), {
    lang,
    variant: message.wants_generic ? 'generic' : 'personal',
    context: {
      person: { firstName: message.first_name },
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
      unsubscribeUrl,
      surveyUrl: survey?.url,
      surveyOptions: survey?.options,
      npsUrl: nps?.url,
      npsOptions: nps?.options,
    },
    trackLink: (_url, linkIndex) =>
      `${business.publicUrl}/c/${signToken(tokenSecret, { kind: 'click', messageId, linkIndex })}`,
    openPixelUrl: link('open', 'o'),
  });
  const mail: MailToSend = {
    messageId,
    from: { name: business.brand, address: business.fromAddress },
    to: { address: message.address },
    subject: rendered.subject,
    html: rendered.html,
    text: rendered.text,
    date: now,
    unsubscribeUrl,
    feedbackId: `${message.programme_id}:${message.variant}:rekindle`.replaceAll(/[^\w.:-]/g, '-'),
    list: { name: business.brand, id: `${message.programme_id}.${hostOf(business.fromAddress)}` },
    bounceDomain: setup.bounceDomain,
  };
  const isIn = (asked: SurveyLinks | undefined): boolean =>
    asked !== undefined &&
    [asked.url, ...asked.options.map(({ url }) => url)].some((url) => rendered.html.includes(url));
  const asks = [isIn(survey) ? waves.reason : undefined, isIn(nps) ? waves.nps : undefined].flatMap(
    (wave) => wave?.surveyId ?? [],
  );
  return { mail, links: rendered.links, asks };
}

/** Products of those whose mail has room for them; who does not want to be profiled gets none. */
async function productsOf(
  { templates, recommendationsFor }: EmailSetup,
  messages: readonly ClaimedMessage[],
): Promise<ReadonlyMap<string, readonly RecommendedProduct[]>> {
  if (recommendationsFor === undefined) return new Map();
  const shown = await Promise.all(
    messages.map(async (message) => {
      if (message.wants_generic) return [];
      // A template that does not compile fails its own message below, with the reason.
      const template = await templates(message.template_id, message.template_version).catch(() => undefined);
      return template?.showsProducts === true ? [message.person_id] : [];
    }),
  );
  const people = shown.flat();
  return people.length === 0 ? new Map() : recommendationsFor(people);
}

/** The e-mail way out, as the sender drives it. */
export function emailDelivery(setup: EmailSetup): Delivery {
  return {
    channel: 'email',
    prepare: async (messages, now) => {
      const prepared: Prepared[] = [];
      const waves = await openWaves(setup.db, now);
      const products = await productsOf(setup, messages);
      const asked = new Map<string, string[]>();
      const links: { message_id: string; position: number; url: string }[] = [];
      for (const message of messages) {
        try {
          const composed = await composeMail(setup, message, waves, products.get(message.person_id) ?? [], now);
          for (const surveyId of composed.asks) {
            const people = asked.get(surveyId) ?? [];
            people.push(message.person_id);
            asked.set(surveyId, people);
          }
          composed.links.forEach((url, position) => links.push({ message_id: message.message_id, position, url }));
          prepared.push({ message, send: (mayLeave) => setup.channel.send(composed.mail, undefined, mayLeave) });
        } catch (cause) {
          // A message that cannot be written is this message's failure, not the run's.
          const code = cause instanceof RekindleError ? cause.code : 'unexpected';
          const detail = cause instanceof Error ? cause.message : String(cause);
          prepared.push({
            message,
            send: () => Promise.resolve({ kind: 'rejected', class: 'content', permanent: true, code, detail }),
          });
        }
      }
      if (links.length > 0)
        await setup.db
          .insertInto('message_links')
          .values(links)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      for (const [surveyId, people] of asked) await inviteToWave(setup.db, surveyId, people, 'email', now);
      return prepared;
    },
    close: () => setup.channel.close(),
  };
}
