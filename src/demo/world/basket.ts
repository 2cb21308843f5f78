// What one person puts into her basket at an instant: her tastes, the shelf's popularity, launches, the stage of a passing need.
import { DAY_MS } from '../../kernel/days.ts';
import type { Rng } from '../../kernel/random.ts';
import type { Catalogue, Product } from './catalogue.ts';
import type { Resident } from './people.ts';
import { decimal, type JsonObject } from './shop-event.ts';

export type Line = { readonly product: Product; readonly quantity: number };

const STAGE_DAYS = 110;
const LAST_STAGE = 4;

/** A child outgrows a stage every 110 days or so; who leaves is at the last one, who stays has the next child. */
function stageAt({ nature, person }: Resident, atMs: number): number {
  const stageMs = STAGE_DAYS * DAY_MS;
  if (!Number.isFinite(nature.quietMs)) return (Math.floor(atMs / stageMs) + person.index) % (LAST_STAGE + 1);
  return Math.min(LAST_STAGE, Math.max(0, LAST_STAGE - Math.floor((nature.quietMs - atMs) / stageMs)));
}

/** A product this person might look at now: her favourites mostly, by popularity, launched, of the stage her need has reached. */
export function chooseProduct(rng: Rng, resident: Resident, catalogue: Catalogue, atMs: number): Product {
  const { tastes } = resident.nature;
  const taste = tastes[Math.floor(rng.next() ** 1.6 * tastes.length)]!;
  const shelf = catalogue.shelf(taste);
  if (catalogue.categories[taste]!.lifecycle) {
    const stage = stageAt(resident, atMs);
    return rng.pick(shelf.filter((product) => product.stage === stage));
  }
  const favourite = (resident.person.index * 7 + taste * 3) % shelf.length;
  const rank = rng.chance(0.45) ? favourite : Math.floor(rng.next() ** 2 * shelf.length);
  const product = shelf[rank]!;
  return catalogue.isLaunched(product, atMs) ? product : shelf.find((p) => catalogue.isLaunched(p, atMs))!;
}

export function chooseBasket(rng: Rng, resident: Resident, catalogue: Catalogue, atMs: number): Line[] {
  const lines = new Map<string, Line>();
  const count = 1 + rng.poisson(resident.nature.basketMean);
  for (let i = 0; i < Math.min(count, 8); i++) {
    const product = chooseProduct(rng, resident, catalogue, atMs);
    lines.set(product.id, { product, quantity: (lines.get(product.id)?.quantity ?? 0) + 1 });
  }
  return [...lines.values()];
}

export const productProperties = (product: Product): JsonObject => ({
  product_id: product.id,
  sku: product.sku,
  name: product.name.en,
  brand: product.brand,
  category: product.category,
  price: decimal(product.priceCents),
});

export const totalCents = (lines: readonly Line[]): number =>
  lines.reduce((sum, l) => sum + l.product.priceCents * l.quantity, 0);
