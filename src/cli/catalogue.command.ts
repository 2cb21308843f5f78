// `rekindle catalogue`: import products, list them.
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Item } from '../collect/catalogue/items.sql.ts';
import type { ProductImport } from '../collect/catalogue/product-file.service.ts';
import type { Business } from '../kernel/business.ts';
import { withClient } from './client.ts';
import { examples } from './examples.ts';
import { count, money } from './figures.ts';
import { queryOf } from './input.ts';
import type { Session } from './session.ts';
import { renderTable, shortened } from './table.ts';

const NAME_WIDTH = 44;
const REJECTS_SHOWN = 10;

export function catalogueCommand(session: Session): Command {
  const { say, env, lang, paint } = session;
  const catalogue = new Command('catalogue').description(say('catalogue'));
  examples(catalogue, session, [
    'rekindle catalogue import products.csv',
    'rekindle catalogue import products.csv --map itemId=SKU,name=Title',
    'rekindle catalogue list tea',
  ]);

  catalogue
    .command('import')
    .description(say('catalogueImport'))
    .argument('<file>', say('productFileArgument'))
    .option('--map <columns>', say('productMapOption'))
    .action((file: string, options: { map?: string }) =>
      withClient(env, async (client) => {
        const body = { path: resolve(file), ...(options.map === undefined ? {} : { map: options.map }) };
        const done = await client.call<ProductImport>('POST', '/catalogue/files', body);
        session.answer(done, () =>
          [
            say('productsImported', {
              path: file,
              imported: count(done.imported, lang),
              rejected: count(done.rejected, lang),
              columns: Object.entries(done.mapping)
                .map(([field, column]) => `${field}=${column}`)
                .join(', '),
            }),
            ...done.rejects
              .slice(0, REJECTS_SHOWN)
              .map(({ line, reason }) => say('productRejected', { line, reason: reason[lang] })),
          ].join('\n'),
        );
      }),
    );

  catalogue
    .command('list')
    .description(say('catalogueList'))
    .argument('[query]', say('productQueryArgument'))
    .action((query: string | undefined) =>
      withClient(env, async (client) => {
        const { items } = await client.call<{ items: readonly Item[] }>('GET', `/catalogue${queryOf({ query })}`);
        const { currency } = await client.call<Business>('GET', '/business');
        session.answer({ items }, () =>
          items.length === 0
            ? say('none')
            : renderTable(
                [
                  { title: say('columnItem') },
                  { title: say('columnProduct') },
                  { title: say('columnCategory') },
                  { title: say('columnBrand') },
                  { title: say('columnPrice'), align: 'right' },
                  { title: say('columnStock') },
                ],
                items.map((item) => [
                  item.itemId,
                  shortened(item.name, NAME_WIDTH),
                  item.category,
                  item.brand,
                  item.priceCents === 0 ? '' : money(item.priceCents, currency, lang),
                  say(item.available ? 'inStock' : 'soldOut'),
                ]),
                paint.dim,
              ),
        );
      }),
    );
  return catalogue;
}
