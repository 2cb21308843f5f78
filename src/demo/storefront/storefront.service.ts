// The demo shop's own site, set up so that somebody can be its customer: a few people who went quiet lately, a programme that speaks to them
// inside the shop and by mail, and some more days in which its messages go out under the same rules as anybody's. Nothing here is in the
// figures that the demo prints: it happens after them, to people who were in no programme.
import type { App } from '../../app.ts';
import { importCatalogue } from '../../collect/catalogue/catalogue.sql.ts';
import { createProgramme, moveProgramme } from '../../decide/programmes/programmes.service.ts';
import { addMs, DAY_MS } from '../../kernel/days.ts';
import type { Lang, Text } from '../../kernel/lang.ts';
import { p, sql } from '../../kernel/sql.ts';
import { recordConsents } from '../../reach/consent/consent.service.ts';
import { FIELD_STARTERS } from '../../reach/templates/starter-fields.ts';
import { saveTemplate } from '../../reach/templates/templates.service.ts';
import { keepPreview } from '../../reach/channels/email/preview-mailbox.service.ts';
import { keepEvaluated } from '../../understand/dormancy/keep-evaluated.service.ts';
import { browsedFor } from '../../understand/recommend/browsed.service.ts';
import { acceptedOf } from '../history.service.ts';
import { simulate, type Simulation } from '../simulation.service.ts';
import type { Product } from '../world/catalogue.ts';
import type { Person } from '../world/people.ts';
import type { ShopEvent } from '../world/shop-event.ts';
import type { World } from '../world/world.ts';

export const STOREFRONT_PATH = '/shop';
export const STOREFRONT_PROGRAMME = 'welcome-home';
const TRAIT = 'storefront';
const CANDIDATES = 16;
const OFFERED = 6;
/** One message a day: what she looked at, the welcome that waits for her, the mail with the coupon. */
const DAYS = 5;
const ON_SHOW_PER_CATEGORY = 1;

export type Customer = {
  readonly personId: string;
  readonly name: string;
  readonly email: string;
  readonly lang: Lang;
  /** Her last order, `2026-07-30`. */
  readonly lastOn: string;
  readonly silentDays: number;
};

export type OnShow = {
  readonly id: string;
  readonly sku: string;
  readonly name: Text;
  readonly category: Text;
  readonly categoryId: string;
  readonly brand: string;
  readonly priceCents: number;
};

export type Storefront = {
  readonly writeKey: string;
  readonly customers: readonly Customer[];
  readonly products: readonly OnShow[];
};

type Candidate = Customer & { readonly person: Person; readonly looked: string };

/** People who fell silent lately, may be written to, and looked at something that they did not buy; both languages in turn. */
async function candidates(app: App, world: World, accepts: (email: string) => boolean): Promise<Candidate[]> {
  const silent = await app.events.rows<{ person_id: string; last_on: string; silent_days: number }>(sql`
    SELECT person_id, toString(last_on) AS last_on, silent_days FROM person_states FINAL
    WHERE policy_id = ${p.text('shop')} AND stage = 'dormant' ORDER BY silent_days, person_id LIMIT 600`);
  const enrolled = new Set(
    (await app.records.db.selectFrom('members').select('person_id').distinct().execute()).map((row) => row.person_id),
  );
  const byId = new Map(world.people.map((person) => [person.id, person]));
  const used = new Map<string, number>();
  for (const { email } of world.people) if (email !== undefined) used.set(email, (used.get(email) ?? 0) + 1);
  const looks = await browsedFor(
    { db: app.records.db, events: app.events },
    silent.map((row) => row.person_id),
    app.clock.now(),
    1,
  );
  const able = silent.flatMap((row): Candidate[] => {
    const person = byId.get(row.person_id);
    const looked = looks.get(row.person_id)?.[0]?.itemId;
    if (person?.email === undefined || person.name === undefined || looked === undefined) return [];
    if (person.consent.status !== 'given' || enrolled.has(person.id)) return [];
    if (used.get(person.email) !== 1 || !accepts(person.email)) return [];
    const { id: personId, name, email, lang } = person;
    return [{ personId, name, email, lang, lastOn: row.last_on, silentDays: row.silent_days, person, looked }];
  });
  const languages = (['en', 'zh'] as const).map((lang) => able.filter((each) => each.lang === lang));
  return Array.from({ length: CANDIDATES }, (_, i) => languages.map((list) => list[i]))
    .flat()
    .filter((each) => each !== undefined)
    .slice(0, CANDIDATES);
}

/** The shop's own list of products, with the addresses they have here. */
async function listProducts(app: App, world: World, shopUrl: string): Promise<void> {
  const nowMs = app.clock.now().getTime();
  const items = world.catalogue.products
    .filter((product) => world.catalogue.isLaunched(product, nowMs))
    .map(({ id, name, category, brand, priceCents }) => ({
      itemId: id,
      name: name.en,
      category,
      brand,
      priceCents,
      available: true,
      url: `${shopUrl}#/p/${id}`,
    }));
  await importCatalogue(app.events, items, app.clock.now());
}

const markedEvent = (app: App, person: Person): ShopEvent => ({
  messageId: `storefront-${person.id}`,
  type: 'identify',
  userId: person.id,
  timestamp: app.clock.now(),
  properties: {},
  traits: { [TRAIT]: 'yes' },
  context: {},
});

async function setUpProgramme(app: App, chosen: readonly Candidate[]): Promise<void> {
  const now = app.clock.now();
  await recordConsents(
    app.records.db,
    chosen.map(({ personId }) => ({
      personId,
      channel: 'in_app',
      purpose: 'marketing',
      status: 'granted',
      basis: 'express',
      textVersion: 'newsletter-2023',
      source: 'shop records',
      proof: { form: 'checkout' },
      decidedAt: addMs(now, -DAY_MS),
      expiresAt: null,
    })),
  );
  const marks = chosen.map(({ person }) => acceptedOf(app, markedEvent(app, person)));
  await app.ingest.submit({ events: marks, dropped: new Map() });
  for (const template of FIELD_STARTERS)
    if (template.kind === 'in_app') await saveTemplate(app.records.db, template, now);
  const message = (channel: 'in_app' | 'email', variant: object) => ({
    kind: 'message',
    channel,
    validHours: 720,
    variants: [variant],
  });
  const day = { kind: 'wait', days: 1 };
  await createProgramme(
    app.programmes,
    {
      programmeId: STOREFRONT_PROGRAMME,
      name: 'Welcome home',
      audience: {
        policyId: 'shop',
        stages: ['dormant'],
        segment: { kind: 'trait', name: TRAIT, equals: 'yes' },
      },
      entry: { mode: 'once' },
      controlShare: 0,
      steps: [
        message('in_app', { key: 'looked-at', templateId: 'in-app-browsed' }),
        day,
        message('in_app', { key: 'welcome', templateId: 'in-app-welcome' }),
        day,
        message('email', { key: 'coupon', templateId: 'offer', offerId: 'welcome-back-20' }),
      ],
      goal: { withinDays: 30 },
    },
    now,
  );
  await moveProgramme(app.records, STOREFRONT_PROGRAMME, 'start', now);
  app.returns.refresh();
}

/** Those to whom everything was sent and who have not come back by themselves meanwhile. */
async function reached(app: App, chosen: readonly Candidate[]): Promise<Candidate[]> {
  const rows = await app.records.db
    .selectFrom('messages as m')
    .innerJoin('members as b', (join) =>
      join.onRef('b.run_id', '=', 'm.run_id').onRef('b.person_id', '=', 'm.person_id'),
    )
    .select((eb) => ['m.person_id', eb.fn.count<number | string>('m.message_id').as('messages')])
    .where('m.programme_id', '=', STOREFRONT_PROGRAMME)
    .where('m.state', '=', 'sent')
    .where((eb) => eb.or([eb('b.end_reason', 'is', null), eb('b.end_reason', '<>', 'returned')]))
    .groupBy('m.person_id')
    .execute();
  const complete = new Set(rows.filter((row) => Number(row.messages) === 3).map((row) => row.person_id));
  return chosen.filter(({ personId }) => complete.has(personId));
}

function onShow(world: World, customers: readonly Candidate[], nowMs: number): OnShow[] {
  const { catalogue } = world;
  const looked = new Set(customers.map((customer) => customer.looked));
  const shown = new Set<Product>(catalogue.products.filter(({ id }) => looked.has(id)));
  for (const [c] of catalogue.categories.entries())
    for (const product of catalogue
      .shelf(c)
      .filter((each) => catalogue.isLaunched(each, nowMs))
      .slice(0, ON_SHOW_PER_CATEGORY))
      shown.add(product);
  const labels = new Map(catalogue.categories.map(({ id, label }) => [id, label]));
  return [...shown].map(({ id, sku, name, brand, priceCents, category }) => ({
    id,
    sku,
    name,
    brand,
    priceCents,
    categoryId: category,
    category: labels.get(category) ?? { en: category, zh: category },
  }));
}

/** Opens the shop to visitors: the days go by through the same doors as the eight weeks did. */
export async function setUpStorefront(life: Simulation, world: World): Promise<Storefront> {
  const { app, clock, future, office } = life;
  const { records, events, business } = app;
  await keepEvaluated({ records, events, timeZone: business.timeZone, scopes: app.segments }, clock.now());
  await listProducts(app, world, `${app.business.publicUrl}${STOREFRONT_PATH}`);
  const chosen = await candidates(app, world, (email) => future.smtpReply(email, 1).code === 250);
  await setUpProgramme(app, chosen);
  const ids = new Set(chosen.map(({ personId }) => personId));
  // They are somebody's to play: their mail waits for whoever that is.
  await simulate({ ...life, isPlayed: (personId) => ids.has(personId) }, DAYS);
  const customers = (await reached(app, chosen)).slice(0, OFFERED);
  const addresses = new Set(customers.map(({ email }) => email));
  for (const mail of office.newest())
    if (addresses.has(mail.envelopeTo[0] ?? '')) await keepPreview(records.db, mail, clock.now());
  return {
    writeKey: life.writeKey,
    customers: customers.map(({ personId, name, email, lang, lastOn, silentDays }) => ({
      personId,
      name,
      email,
      lang,
      lastOn,
      silentDays: silentDays + DAYS,
    })),
    products: onShow(world, customers, clock.now().getTime()),
  };
}
