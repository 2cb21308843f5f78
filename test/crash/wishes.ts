// What people do while mails go out: unsubscribe, come back, use a coupon. Each wish is posted until it is answered, through every restart,
// and the moment of its answer is kept: from then on (plus a second) no mail may arrive.
import type { Rng } from '../../src/kernel/random.ts';
import type { ArrivedMail } from './mail-server.ts';
import { addressOf, personId, ROLES } from './send-setup.ts';
import { sleep } from './victim.ts';

const MAILS_BETWEEN = 60;
const RETRY_MS = 50;
const RETURNING = { from: ROLES.greeted[1], to: 6_600 } as const;

export type Wishes = {
  readonly onMail: (mail: ArrivedMail) => void;
  /** Address → when the answer had arrived, `performance.now()`. */
  readonly unsubscribed: ReadonlyMap<string, number>;
  readonly returned: ReadonlyMap<string, number>;
  /** Codes in orders that were acknowledged. */
  readonly redeemed: () => readonly string[];
  /** Addresses whose unsubscribe links robots visited. */
  readonly looked: readonly string[];
  readonly finish: () => Promise<void>;
};

export function openWishes(shop: {
  readonly url: string;
  readonly key: string;
  readonly greeted: readonly ArrivedMail[];
  readonly rng: Rng;
}): Wishes {
  const { rng } = shop;
  const unsubscribed = new Map<string, number>();
  const returned = new Map<string, number>();
  const redeemed: string[] = [];
  const looked: string[] = [];
  const working = new Set<Promise<void>>();
  const mailed = new Set<string>();
  const links = new Map(shop.greeted.map((mail) => [mail.to, mail.unsubscribeUrl]));
  const coupons: { readonly code: string; readonly to: string }[] = [];
  const asked = new Set<string>();
  const people = new Map(
    Array.from({ length: RETURNING.to - RETURNING.from }, (_, i) => [
      addressOf(RETURNING.from + i),
      personId(RETURNING.from + i),
    ]),
  );
  let arrived = 0;

  /** Tries until there is an answer; the server may be dead for a while. */
  const insist = async (request: () => Promise<Response>): Promise<void> => {
    for (;;) {
      try {
        const response = await request();
        await response.arrayBuffer();
        if (response.ok) return;
        if (response.status < 500) throw new Error(`answered ${response.status}`);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // fetch says so when nobody listens
      }
      await sleep(RETRY_MS);
    }
  };
  const start = (work: Promise<void>): void => {
    working.add(work);
    void work.finally(() => working.delete(work));
  };

  const unsubscribe = async (address: string): Promise<void> => {
    await insist(() =>
      fetch(links.get(address)!, { method: 'POST', body: new URLSearchParams('List-Unsubscribe=One-Click') }),
    );
    unsubscribed.set(address, performance.now());
  };
  const order = async (address: string, properties: Readonly<Record<string, unknown>>): Promise<void> => {
    const messageId = `back-${address}-${Object.keys(properties).length}`;
    const body = JSON.stringify({
      batch: [
        {
          type: 'track',
          event: 'Order Completed',
          messageId,
          userId: people.get(address)!,
          timestamp: new Date().toISOString(),
          properties: { revenue: 25, order_id: messageId, ...properties },
        },
      ],
    });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${shop.key}` };
    await insist(() => fetch(`${shop.url}/v1/batch`, { method: 'POST', headers, body }));
    if (!returned.has(address)) returned.set(address, performance.now());
  };
  const redeem = async (code: string, address: string): Promise<void> => {
    await order(address, { coupon: code, discount: 7 });
    redeemed.push(code);
  };
  const look = async (address: string): Promise<void> => {
    for (const method of ['HEAD', 'GET']) await insist(() => fetch(links.get(address)!, { method }));
    looked.push(address);
  };

  /** Somebody of `among` who has had no mail since the start and has not been picked. */
  const pick = (among: readonly string[]): string | undefined => {
    const free = among.filter((address) => !mailed.has(address) && !asked.has(address));
    const chosen = free.length === 0 ? undefined : rng.pick(free);
    if (chosen !== undefined) asked.add(chosen);
    return chosen;
  };

  const wish = (): void => {
    const leaving = pick([...links.keys()]);
    if (leaving !== undefined) start(unsubscribe(leaving));
    const lookedAt = rng.chance(0.3) ? pick([...links.keys()]) : undefined;
    if (lookedAt !== undefined) start(look(lookedAt));
    const returning = pick([...people.keys()]);
    if (returning !== undefined) start(order(returning, {}));
    const coupon = coupons.pop();
    if (coupon !== undefined) start(redeem(coupon.code, coupon.to));
  };

  return {
    onMail: (mail) => {
      mailed.add(mail.to);
      if (mail.coupon !== undefined && people.has(mail.to)) coupons.push({ code: mail.coupon, to: mail.to });
      if (++arrived % MAILS_BETWEEN === 0) wish();
    },
    unsubscribed,
    returned,
    redeemed: () => redeemed,
    looked,
    finish: async () => {
      while (working.size > 0) await Promise.all(working);
    },
  };
}
