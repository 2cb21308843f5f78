// Every address of the console that is looked at, photographed and checked: each page, and the places within pages worth a look.
import { PAGE_NAMES, pathOf } from '../../../console/src/page-names.ts';

type Address = { readonly name: string; readonly path: string };

/** Places within pages: add a line for each tab or detail that a person stays on. */
const WITHIN: readonly Address[] = [
  ...['members', 'keys', 'audit'].map((place) => ({ name: `settings-${place}`, path: `/settings/${place}` })),

  { name: 'data-analysis', path: '/data/analysis' },
  { name: 'results-programme', path: '/results/come-back-to-fernhill' },
  { name: 'people-search', path: '/people?people.q=p1&people.f.stage=dormant' },
  { name: 'segments-new', path: '/segments/new' },
  { name: 'people-one', path: '/people/c00387' },
  { name: 'programmes-new', path: '/programmes/new' },
  { name: 'programmes-one', path: '/programmes/come-back-to-fernhill' },
  ...['email', 'accounts', 'rules', 'messages', 'audiences', 'posts', 'suppressions', 'proofs', 'inbound'].map(
    (place) => ({
      name: `reach-${place}`,
      path: `/reach/${place}`,
    }),
  ),
  { name: 'templates-mail', path: '/templates/nostalgic' },
  { name: 'templates-new', path: '/templates/new/in_app' },
  ...['people', 'threshold', 'movement', 'proof', 'rule', 'versions'].map((place) => ({
    name: `dormancy-${place}`,
    path: `/dormancy/shop/${place}`,
  })),
  { name: 'dormancy-new', path: '/dormancy/new' },
  ...['groups', 'drift', 'surveys'].map((place) => ({ name: `reasons-${place}`, path: `/reasons/${place}` })),
  { name: 'offers-new', path: '/offers/new' },
  { name: 'offers-one', path: '/offers/welcome-back-20' },
];

const wanted = process.env['REKINDLE_PAGES']?.split(',');

/** `REKINDLE_PAGES=people,settings` looks at those pages only. */
export const ADDRESSES: readonly Address[] = [
  ...PAGE_NAMES.map((name) => ({ name, path: pathOf(name) })),
  ...WITHIN,
].filter(({ name }) => wanted === undefined || wanted.some((each) => name === each || name.startsWith(`${each}-`)));
