// The demo shop's site under /shop: a page of our own files, and what a shop's server does beside Rekindle: it knows who signed in, asks for her
// person token, and asks about a code before it takes it. Served only by the demo.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import type { App } from '../../app.ts';
import { showOffer } from '../../decide/offers/offers.sql.ts';
import { grantByCode } from '../../decide/offers/redemptions.sql.ts';
import { addMs } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { issueText } from '../../kernel/issue.ts';
import { listPreviewMails } from '../../reach/channels/email/preview-mailbox.service.ts';
import { signPersonToken } from '../../reach/inbox/person-token.ts';
import { STOREFRONT_PATH, type Customer, type Storefront } from './storefront.service.ts';
import { quote, type CodeStanding, type Quote } from './till.ts';

const SIGNED_IN_MS = 3_600_000;
const MAILS_LOOKED_THROUGH = 500;

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
} as const;

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Fernhill Home</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${STOREFRONT_PATH}/shop.css">
    <script src="/sdk.js" defer></script>
    <script src="${STOREFRONT_PATH}/shop.js" defer></script>
  </head>
  <body><div id="shop"></div></body>
</html>`;

const signInSchema = z.strictObject({ personId: z.string().min(1) });
const basketSchema = z.strictObject({
  personId: z.string().min(1),
  lines: z
    .array(z.strictObject({ productId: z.string().min(1), quantity: z.number().int().min(1).max(99) }))
    .min(1)
    .max(50),
  code: z.string().max(64).default(''),
});

async function bodyOf<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await c.req.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RekindleError('invalid', { where: issue?.path.join('.') ?? '', what: issueText(issue) });
}

/** `shop` answers undefined until the demo has opened it. */
export function storefrontRoutes(app: App, shop: () => Storefront | undefined): Hono {
  const routes = new Hono();
  const file = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');
  const open = (): Storefront => {
    const storefront = shop();
    if (storefront === undefined)
      throw new RekindleError('not_found', { what: { en: `page ${STOREFRONT_PATH}`, zh: `页面 ${STOREFRONT_PATH}` } });
    return storefront;
  };
  const customerOf = (personId: string): Customer => {
    const customer = open().customers.find((each) => each.personId === personId);
    if (customer === undefined)
      throw new RekindleError('not_found', { what: { en: `customer ${personId}`, zh: `顾客 ${personId}` } });
    return customer;
  };

  routes.use(`${STOREFRONT_PATH}/*`, async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    c.header('Cache-Control', 'no-store');
  });
  routes.get(STOREFRONT_PATH, (c) => {
    open();
    return c.html(PAGE);
  });
  routes.get(`${STOREFRONT_PATH}/shop.css`, (c) =>
    c.body(file('shop.css'), 200, { 'Content-Type': 'text/css; charset=utf-8' }),
  );
  routes.get(`${STOREFRONT_PATH}/shop.js`, (c) =>
    c.body(file('shop.js'), 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
  );
  routes.get(`${STOREFRONT_PATH}/data`, (c) =>
    c.json({ ...open(), brand: app.business.brand, currency: app.business.currency }),
  );

  /** Where a real shop would ask for a password. */
  routes.post(`${STOREFRONT_PATH}/sign-in`, async (c) => {
    const { personId, email } = customerOf((await bodyOf(c, signInSchema)).personId);
    const mails = await listPreviewMails(app.records.db, MAILS_LOOKED_THROUGH);
    const mail = mails.find((each) => each.recipient === email);
    return c.json({
      token: signPersonToken(app.secrets.token, personId, addMs(app.clock.now(), SIGNED_IN_MS)),
      mail: mail === undefined ? null : { url: `/mailbox/${mail.mailId}`, subject: mail.subject },
    });
  });

  const standingOf = async (code: string): Promise<CodeStanding | 'unknown' | undefined> => {
    if (code.trim() === '') return undefined;
    try {
      const grant = await grantByCode(app.records.db, code);
      const now = app.clock.now();
      const { offer } = await showOffer(app.records.db, grant.offerId, now);
      const isGood = ['reserved', 'issued'].includes(grant.state) && grant.expiresAt >= now;
      return { personId: grant.personId, isGood, terms: offer.terms };
    } catch (error) {
      if (error instanceof RekindleError && error.code === 'not_found') return 'unknown';
      throw error;
    }
  };
  const till = async (c: Context): Promise<Quote> => {
    const { personId, lines, code } = await bodyOf(c, basketSchema);
    customerOf(personId);
    const { products } = open();
    const priced = lines.map(({ productId, quantity }) => {
      const product = products.find(({ id }) => id === productId);
      if (product === undefined)
        throw new RekindleError('not_found', { what: { en: `product ${productId}`, zh: `商品 ${productId}` } });
      return { priceCents: product.priceCents, quantity };
    });
    return quote(priced, personId, await standingOf(code));
  };
  routes.post(`${STOREFRONT_PATH}/till`, async (c) => c.json(await till(c)));
  routes.post(`${STOREFRONT_PATH}/orders`, async (c) => {
    const asked = await till(c);
    if (asked.refusal !== null)
      throw new RekindleError('conflict', {
        what: { en: `The code is ${asked.refusal}`, zh: `优惠码的状态为 ${asked.refusal}` },
      });
    return c.json({ ...asked, orderId: newId('order', app.clock.now()) }, 201);
  });
  return routes;
}
