// `rekindle recommend PERSON`: what to show her and why; without a person, which engine recommends.
import { Command } from 'commander';
import type { Business } from '../kernel/business.ts';
import type { RecommenderStatus } from '../understand/recommend/recommendations.service.ts';
import { LISTS } from '../understand/recommend/recommender.ts';
import type { RecommendedProduct } from '../understand/recommend/scoring.service.ts';
import { pathOf, withClient, type Client } from './client.ts';
import { examples } from './examples.ts';
import { count, instant, money } from './figures.ts';
import { queryOf, wholeNumber } from './input.ts';
import { usage, type Session } from './session.ts';
import { renderTable, shortened } from './table.ts';

type StatusJson = Omit<RecommenderStatus, 'lastTrouble'> & {
  readonly lastTrouble: { readonly at: string; readonly what: string } | null;
};
type ListJson = {
  readonly personId: string;
  readonly list: { readonly en: string; readonly zh: string };
  readonly products: readonly RecommendedProduct[];
};
type Options = { readonly list: string; readonly count: string; readonly train?: boolean };

const NAME_WIDTH = 44;

function statusScreen({ say, lang }: Session, status: StatusJson): string {
  const own =
    status.model === null
      ? say('recommendUntrained')
      : say('recommendOwn', {
          model: status.model,
          items: count(status.items, lang),
          people: count(status.peopleScored, lang),
          day: status.trainedAsOf ?? '',
        });
  return [
    ...(status.host === null ? [] : [say('recommendHttp', { host: status.host })]),
    own,
    ...(status.lastTrouble === null
      ? []
      : [say('recommendTrouble', { at: instant(status.lastTrouble.at), what: status.lastTrouble.what })]),
  ].join('\n');
}

/** A table of products with price and reason. */
export function productTable(
  { say, lang, paint }: Pick<Session, 'say' | 'lang' | 'paint'>,
  products: readonly RecommendedProduct[],
  currency: string,
): string {
  return renderTable(
    [{ title: say('columnProduct') }, { title: say('columnPrice'), align: 'right' }, { title: say('columnBecause') }],
    products.map((product) => [
      shortened(product.name === '' ? product.itemId : product.name, NAME_WIDTH),
      product.priceCents === 0 ? '' : money(product.priceCents, currency, lang),
      product.reason[lang],
    ]),
    paint.dim,
  );
}

export function recommendCommand(session: Session): Command {
  const { say, env, lang, paint } = session;
  const lists = Object.keys(LISTS).join(', ');
  const command = new Command('recommend')
    .description(say('recommend'))
    .argument('[person]', say('recommendPersonArgument'))
    .option('--list <name>', say('recommendListOption', { lists }), 'for_you')
    .option('--count <n>', say('recommendCountOption'), '10')
    .option('--train', say('recommendTrainOption'))
    .action(async (person: string | undefined, options: Options) => {
      if (!(options.list in LISTS)) throw usage(say('recommendWrongList', { list: options.list, lists }));
      const wanted = wholeNumber(session, '--count', options.count);
      await withClient(env, async (client: Client) => {
        if (options.train === true) await client.call('POST', '/recommender/train', {});
        if (person === undefined) {
          const status = await client.call<StatusJson>('GET', '/recommender');
          return session.answer(status, () => statusScreen(session, status));
        }
        const query = queryOf({ list: options.list, count: wanted });
        const shown = await client.call<ListJson>('GET', `${pathOf`/people/${person}/recommendations`}${query}`);
        const { currency } = await client.call<Business>('GET', '/business');
        session.answer(shown, () =>
          shown.products.length === 0
            ? say('recommendNothing')
            : `${paint.bold(shown.list[lang])}\n${productTable(session, shown.products, currency)}`,
        );
      });
    });
  examples(command, session, [
    'rekindle recommend 17850',
    'rekindle recommend 17850 --list new --count 5',
    'rekindle recommend --train',
  ]);
  return command;
}
