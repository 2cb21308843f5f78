// The real app on a virtual clock and a real mail server: track, advance, tick, and look at what became of everybody.
import { sql as recordsSql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOffer } from '../../src/decide/offers/grants.sql.ts';
import { moveProgramme } from '../../src/decide/programmes/programmes.service.ts';
import { p, sql } from '../../src/kernel/sql.ts';
import { programmeResults } from '../../src/prove/outcomes/results.service.ts';
import { reportProgramme } from '../../src/prove/outcomes/report.service.ts';
import { takeReport } from '../../src/reach/channels/email/intake.service.ts';
import { changePreferences } from '../../src/reach/preferences/preferences.service.ts';
import { parseMail } from '../../src/reach/channels/email/sink.ts';
import { STARTER_TEMPLATES } from '../../src/reach/templates/starter-library.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { linksOf, openShop, type Delivered, type Shop } from '../support/shop.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const AGENT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1';
const mail = (templateId: string, more: object = {}) => ({
  kind: 'message',
  channel: 'email',
  variants: [{ key: 'a', templateId, ...more }],
});
const QUESTION = mail('question');
/** The same text with another last character. */
const altered = (text: string): string => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A');

describe('the loop', () => {
  let shop: Shop;
  let made = 0;
  /** Names that no other test of this file uses: one app serves them all. */
  const fresh = (name: string): string => `${name}${++made}`;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop?.close());
  beforeEach(() => {
    shop.server.refuse = () => undefined;
  });

  const messagesOf = (personId: string) =>
    shop.app.records.db
      .selectFrom('messages')
      .select(['message_id', 'state', 'code', 'programme_id', 'expires_at'])
      .where('person_id', '=', personId)
      .orderBy('created_at')
      .execute();
  const endsOf = async (personId: string): Promise<(string | null)[]> =>
    (
      await shop.app.records.db.selectFrom('members').select('end_reason').where('person_id', '=', personId).execute()
    ).map((row) => row.end_reason);
  const statesOf = async (personId: string): Promise<string[]> =>
    (await messagesOf(personId)).map((row) => (row.code === null ? row.state : `${row.state} ${row.code}`));
  const decisionsOf = async (personId: string, programmeId: string): Promise<string[]> =>
    (
      await shop.app.records.db
        .selectFrom('decisions')
        .select(['outcome', 'codes'])
        .where('person_id', '=', personId)
        .where('programme_id', '=', programmeId)
        .orderBy('decision_id')
        .execute()
    ).map((row) => [row.outcome, ...row.codes].join(' '));
  const receiptsOf = async (personId: string): Promise<string[]> =>
    (
      await shop.app.records.db
        .selectFrom('receipts')
        .innerJoin('messages', 'messages.message_id', 'receipts.message_id')
        .select(['receipts.kind', 'receipts.class'])
        .where('person_id', '=', personId)
        .orderBy('receipt_id')
        .execute()
    ).map((row) => `${row.kind} ${row.class}`);
  /** Ends what runs, then takes on people who ordered and fell silent for a hundred days; it is noon. */
  const dormant = async (people: Readonly<Record<string, object>>): Promise<void> => {
    const { db } = shop.app.records;
    for (const row of await db.selectFrom('programmes').select('programme_id').where('state', '=', 'running').execute())
      await moveProgramme(shop.app.records, row.programme_id, 'end', shop.clock.now());
    for (const [id, traits] of Object.entries(people)) await shop.addPerson(id, traits);
    shop.clock.moveTo(
      new Date(`${new Date(shop.clock.now().getTime() + 100 * DAY).toISOString().slice(0, 10)}T12:00:00Z`),
    );
  };
  const visit = (url: string, method = 'GET', agent = AGENT) =>
    shop.fetch(url, { method, headers: { 'user-agent': agent } });
  const tickAfter = async (ms: number): Promise<void> => {
    shop.clock.advanceMs(ms);
    await shop.app.tick();
  };
  const mailTo = (id: string): Delivered => shop.mailsTo(`${id}@example.com`)[0]!;

  it('finds the dormant, decides, and delivers a lawful mail with a coupon that works once', async () => {
    const [mia, programme, offerId] = [fresh('mia'), fresh('win'), fresh('offer')];
    await dormant({ [mia]: {} });
    const terms = { kind: 'coupon', percentOff: 20, maxDiscountCents: 3_000, validDays: 30 };
    const { db } = shop.app.records;
    await createOffer(db, { offerId, name: 'Back', terms, budgetCents: 100_000, capacity: 50 }, shop.clock.now());
    await shop.addProgramme({ programmeId: programme, steps: [mail('offer', { offerId })] });
    await shop.app.tick();
    const states = await shop.app.events.rows(sql`SELECT stage FROM person_states WHERE person_id = ${p.text(mia)}`);
    expect(states).toEqual([{ stage: 'dormant' }]);
    expect([await decisionsOf(mia, programme), await statesOf(mia)]).toEqual([['contact'], ['sent']]);
    const raw = mailTo(mia).raw.toString('latin1');
    const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
    expect(head).toMatch(/^List-Unsubscribe: <https:\/\/shop\.example\/u\/[\w-]{40}>/m);
    expect(head.match(/^List-Unsubscribe:/gm)).toHaveLength(1);
    expect(head.match(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/gm)).toHaveLength(1);
    const parsed = await parseMail(mailTo(mia).raw);
    const code = /BACK-\w{5}-\w{5}/.exec(parsed.text ?? '')?.[0] ?? 'none';
    expect(parsed.html).toContain(code);

    const grant = () =>
      db.selectFrom('grants').select(['state', 'order_id', 'cost_cents']).where('code', '=', code).executeTakeFirst();
    expect(await grant()).toMatchObject({ state: 'issued', cost_cents: 3_000 });
    await tickAfter(60 * MINUTE);
    await shop.order(mia, { order_id: 'first', coupon: code.toLowerCase(), discount: 12.5 });
    await shop.order(mia, { order_id: 'second', coupon: code, discount: 9 });
    expect(await grant()).toEqual({ state: 'redeemed', order_id: 'first', cost_cents: 1_250 });
    const offer = await db.selectFrom('offers').selectAll().where('offer_id', '=', offerId).executeTakeFirstOrThrow();
    expect(offer.committed_cents).toBe((offer.granted - 1) * 3_000 + 1_250);
  });

  it('promises nothing that is over before it could leave', async () => {
    const [mia, offerId] = [fresh('mia'), fresh('offer')];
    await dormant({ [mia]: {} });
    const terms = { kind: 'coupon', percentOff: 20, maxDiscountCents: 3_000, validDays: 1 };
    const { db } = shop.app.records;
    await createOffer(db, { offerId, name: 'Back', terms, budgetCents: 100_000, capacity: 50 }, shop.clock.now());
    await changePreferences(
      db,
      mia,
      { pauseDays: 30 },
      { source: 'test', textVersion: '', proof: {} },
      shop.clock.now(),
    );
    const step = { ...mail('offer', { offerId }), validHours: 720 };
    await shop.addProgramme({ programmeId: fresh('win'), steps: [step] });
    await shop.app.tick();
    const [planned] = await messagesOf(mia);
    // Tomorrow is the coupon's last day; her break goes on for weeks.
    expect(await statesOf(mia)).toEqual(['refused expired_waiting']);
    expect(planned!.expires_at).toEqual(
      new Date(`${new Date(shop.clock.now().getTime() + DAY).toISOString().slice(0, 10)}T23:59:59.999Z`),
    );
    expect(shop.mailsTo(`${mia}@example.com`)).toEqual([]);
  });

  it('tells a person’s click from a scanner’s, and redirects both only to what was in the mail', async () => {
    const [ann, bot, fast] = [fresh('ann'), fresh('bot'), fresh('fast')];
    await dormant({ [ann]: {}, [bot]: {}, [fast]: {} });
    const text = JSON.stringify(STARTER_TEMPLATES.find((template) => template.key === 'question'))
      .replace('"question"', '"two-links"')
      .replaceAll('</mj-text>', " <a href='https://shop.example/second'>more</a></mj-text>");
    await saveTemplate(shop.app.records.db, JSON.parse(text), shop.clock.now());
    await shop.addProgramme({ programmeId: fresh('win'), steps: [mail('two-links')] });
    await shop.app.tick();

    shop.clock.advanceMs(1_000);
    await visit((await linksOf(mailTo(fast))).clicks[0]!);
    expect(await receiptsOf(fast)).toEqual(['clicked bot']);

    shop.clock.advanceMs(MINUTE);
    const { clicks, pixel } = await linksOf(mailTo(ann));
    const answer = await visit(clicks[0]!);
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([302, null]);
    expect(answer.headers.get('location')).toMatch(/^https:\/\/shop\.example\/home/);
    await visit(clicks[0]!, 'HEAD');
    await visit(clicks[0]!, 'GET', 'GoogleBot/2.1');
    const image = await visit(pixel, 'GET', 'Mozilla/5.0');
    expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/gif']);
    expect(await receiptsOf(ann)).toEqual(['clicked human', 'clicked bot', 'clicked bot', 'opened proxy']);

    const all = (await linksOf(mailTo(bot))).clicks;
    expect(all.length).toBeGreaterThan(1);
    for (const url of all) await visit(url);
    expect(new Set(await receiptsOf(bot))).toEqual(new Set(['clicked bot']));

    // A scanner that takes its time, and gives itself out for a person: it also follows the link that no person can see. Before and after it.
    shop.clock.advanceMs(MINUTE);
    const { clicks: open, html } = await linksOf(mailTo(fast));
    const [trap] = /https:\/\/shop\.example\/h\/[\w-]{40}/.exec(html) ?? [];
    await visit(open[0]!);
    shop.clock.advanceMs(5_000);
    expect((await visit(trap!)).status).toBe(204);
    shop.clock.advanceMs(5_000);
    await visit(open[1]!);
    expect(await receiptsOf(fast)).toEqual(Array(4).fill('clicked bot'));
    // What she does later is hers.
    shop.clock.advanceMs(MINUTE);
    await visit(open[1]!);
    expect((await receiptsOf(fast)).filter((receipt) => receipt === 'clicked human')).toHaveLength(1);

    for (const forged of [
      '/c/AAAA',
      altered(clicks[0]!),
      clicks[0]!.slice(0, -1),
      clicks[0]!.replace('/c/', '/o/'),
      clicks[0]!.replace('/c/', '/h/'),
      trap!.replace('/h/', '/c/'),
    ])
      expect((await visit(forged)).status).toBe(400);
  });

  it('cancels the second message when she returns, and the first one while it is on the wire', async () => {
    const [ann, bea, cat, programme] = [fresh('ann'), fresh('bea'), fresh('cat'), fresh('win')];
    await dormant({ [ann]: {}, [bea]: {}, [cat]: {} });
    // Bea orders while the server has her mail in its hands and then says "not now": it must not be tried again.
    let returned: Promise<void> | undefined;
    shop.server.beforeReply = async (recipient) => {
      if (recipient === `${bea}@example.com`) await (returned ??= shop.order(bea));
    };
    shop.server.refuse = (recipient) =>
      recipient === `${bea}@example.com` ? { code: 451, text: '4.7.1 greylisted, try again later' } : undefined;
    await shop.addProgramme({
      programmeId: programme,
      steps: [QUESTION, { kind: 'wait', days: 14 }, mail('nostalgic')],
    });
    await shop.app.tick();
    expect(await statesOf(bea)).toEqual(['cancelled returned']);
    shop.server.refuse = () => undefined;
    await shop.order(ann);
    await tickAfter(20 * MINUTE);
    await tickAfter(15 * DAY);
    expect([await statesOf(ann), await statesOf(bea)]).toEqual([['sent'], ['cancelled returned']]);
    expect(await statesOf(cat)).toEqual(['sent', 'sent']);
    expect(shop.mailsTo(`${bea}@example.com`)).toEqual([]);
    const members = await shop.app.records.db
      .selectFrom('members')
      .select('end_reason')
      .where('programme_id', '=', programme)
      .where('person_id', 'in', [ann, bea, cat])
      .orderBy('person_id')
      .execute();
    expect(members.map((row) => row.end_reason)).toEqual(['returned', 'returned', 'completed']);
  });

  it('does all of an exit or nothing: where it broke off half-way, the sender’s next try stops her messages', async () => {
    const [ann, programme] = [fresh('ann'), fresh('win')];
    await dormant({ [ann]: {} });
    shop.server.refuse = () => ({ code: 451, text: '4.7.1 greylisted, try again later' });
    await shop.addProgramme({ programmeId: programme, steps: [QUESTION] });
    await shop.app.tick();
    expect(await statesOf(ann)).toEqual(['planned 4.7.1']);
    const { db } = shop.app.records;
    await recordsSql`CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'broken off'; END $$`.execute(db);
    await recordsSql`CREATE TRIGGER breaks_off BEFORE UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION break_off()`.execute(
      db,
    );
    const order = { type: 'track', event: 'Order Completed', messageId: fresh('back'), userId: ann, properties: {} };
    await expect(shop.post([order])).rejects.toThrow('ingest answered 503');
    await recordsSql`DROP TRIGGER breaks_off ON messages`.execute(db);
    shop.errors.length = 0;
    await shop.post([order]);
    expect([await endsOf(ann), await statesOf(ann)]).toEqual([['returned'], ['cancelled returned']]);
  });

  it('leaves alone who came back after yesterday’s stages were taken', async () => {
    const [ann, bea, programme] = [fresh('ann'), fresh('bea'), fresh('win')];
    await dormant({ [ann]: {}, [bea]: {} });
    await shop.order(ann);
    await shop.addProgramme({ programmeId: programme, steps: [QUESTION, { kind: 'wait', days: 3 }, QUESTION] });
    await shop.app.tick();
    expect([await decisionsOf(ann, programme), await statesOf(ann)]).toEqual([[], []]);
    // Bea's order of this morning arrives only now, dated before her entry.
    const timestamp = new Date(shop.clock.now().getTime() - 2 * 60 * MINUTE).toISOString();
    await shop.post([{ type: 'track', event: 'Order Completed', userId: bea, timestamp, properties: { revenue: 5 } }]);
    await tickAfter(4 * DAY);
    expect(await statesOf(bea)).toEqual(['sent']);
  });

  it('knows her by what she did before she signed in, and by the account she was merged with', async () => {
    const [ann, bea, other, programme] = [fresh('ann'), fresh('bea'), fresh('other'), fresh('win')];
    await dormant({ [ann]: {}, [bea]: {} });
    await shop.addProgramme({ programmeId: programme, steps: [{ kind: 'wait', days: 3 }, QUESTION] });
    await shop.app.tick();
    const anonymousId = fresh('browser');
    const guestOrder = { type: 'track', event: 'Order Completed', properties: { revenue: 5 } };
    await shop.post([
      { ...guestOrder, anonymousId },
      { ...guestOrder, userId: other },
    ]);
    expect([await endsOf(ann), await endsOf(bea)]).toEqual([[null], [null]]);
    await shop.post([{ type: 'identify', userId: ann, anonymousId }]);
    await shop.post([{ type: 'alias', userId: bea, previousId: other }]);
    expect([await endsOf(ann), await endsOf(bea)]).toEqual([['returned'], ['returned']]);
    await tickAfter(4 * DAY);
    expect([await statesOf(ann), await statesOf(bea)]).toEqual([[], []]);
  });

  it('unsubscribes by POST in both encodings, twice; a GET changes nothing', async () => {
    const [ann, bea, cat] = [fresh('ann'), fresh('bea'), fresh('cat')];
    await dormant({ [ann]: {}, [bea]: {}, [cat]: { locale: 'zh-CN' } });
    await shop.addProgramme({ programmeId: fresh('win'), steps: [QUESTION] });
    await shop.app.tick();
    const { db } = shop.app.records;
    const wishes = async (): Promise<number> =>
      (await db.selectFrom('consents').select('consent_id').where('status', '=', 'withdrawn').execute()).length +
      (await db.selectFrom('suppressions').select('key').execute()).length;
    const before = await wishes();
    const form = new FormData();
    form.set('List-Unsubscribe', 'One-Click');
    const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };
    const encodings: readonly (readonly [string, RequestInit])[] = [
      [ann, { body: 'List-Unsubscribe=One-Click', headers: urlencoded }],
      [bea, { body: form }],
      [cat, { body: 'garbage', headers: { 'content-type': 'multipart/form-data' } }],
    ];
    for (const [index, [id, init]] of encodings.entries()) {
      const { oneClick } = await linksOf(mailTo(id));
      for (const method of ['GET', 'HEAD', 'OPTIONS']) await shop.fetch(oneClick, { method });
      const page = await shop.fetch(oneClick);
      expect([page.status, page.headers.get('set-cookie')]).toEqual([200, null]);
      expect(await page.text()).toContain(id === cat ? '退订' : 'Unsubscribe');
      const token = oneClick.slice(-40);
      for (const wrong of [oneClick.slice(0, -1), altered(oneClick), `/u/${'A'.repeat(40)}`, '/u/', `/u/${token}x`])
        expect((await shop.fetch(wrong, { method: 'POST' })).status).toBeOneOf([400, 404]);
      expect(await wishes()).toBe(before + index * 2);
      for (let time = 0; time < 2; time++) {
        const answer = await shop.fetch(oneClick, { method: 'POST', ...init });
        expect([answer.status, answer.headers.get('location'), answer.headers.get('set-cookie')]).toEqual([
          200,
          null,
          null,
        ]);
        expect(await wishes()).toBe(before + (index + 1) * 2);
      }
    }
  });

  it('writes once to a shared address, and to neither after one of them unsubscribed', async () => {
    const [ann, bob, programme, next] = [fresh('ann'), fresh('bob'), fresh('win'), fresh('win')];
    const email = `${ann}-${bob}@example.com`;
    await dormant({ [ann]: { email }, [bob]: { email } });
    await shop.addProgramme({ programmeId: programme, steps: [QUESTION] });
    await shop.app.tick();
    expect(shop.mailsTo(email)).toHaveLength(1);
    expect([await decisionsOf(ann, programme), await decisionsOf(bob, programme)]).toEqual([
      ['contact'],
      ['refused shared_address'],
    ]);
    await shop.fetch((await linksOf(shop.mailsTo(email)[0]!)).oneClick, { method: 'POST' });
    await shop.addProgramme({ programmeId: next, steps: [QUESTION] });
    await tickAfter(8 * DAY);
    expect(await decisionsOf(ann, next)).toEqual(['refused consent_withdrawn suppressed_address']);
    expect(await decisionsOf(bob, next)).toEqual(['refused suppressed_address']);
    expect(shop.mailsTo(email)).toHaveLength(1);
  });

  it('tries a greylisted address again, gives up on an unknown one, and outlasts a server that is closing', async () => {
    const [grey, gone, down] = [fresh('grey'), fresh('gone'), fresh('down')];
    await dormant({ [grey]: {}, [gone]: {}, [down]: {} });
    await shop.addProgramme({ programmeId: fresh('win'), steps: [QUESTION] });
    const replies: Readonly<Record<string, { code: number; text: string }>> = {
      [`${grey}@example.com`]: { code: 451, text: '4.7.1 greylisted' },
      [`${gone}@example.com`]: { code: 550, text: '5.1.1 no such user' },
      [`${down}@example.com`]: { code: 421, text: '4.3.2 shutting down' },
    };
    shop.server.refuse = (recipient) => replies[recipient];
    await shop.app.tick();
    expect([await statesOf(grey), await statesOf(gone)]).toEqual([['planned 4.7.1'], ['failed address:5.1.1']]);
    expect((await statesOf(down))[0]).toMatch(/^planned/);
    const off = await shop.app.records.db
      .selectFrom('suppressions')
      .innerJoin('people', 'people.email_key', 'suppressions.key')
      .select(['person_id', 'reason'])
      .where('person_id', 'in', [grey, gone, down])
      .execute();
    expect(off).toEqual([{ person_id: gone, reason: 'bounced' }]);
    shop.server.refuse = () => undefined;
    await tickAfter(2 * MINUTE);
    expect([await statesOf(grey), await statesOf(down)]).toEqual([['sent'], ['sent']]);
    expect(shop.mailsTo(`${gone}@example.com`)).toEqual([]);
  });

  it('keeps messages planned while the mail server is down, and sends each once when it is back', async () => {
    const [ann, bea] = [fresh('ann'), fresh('bea')];
    await dormant({ [ann]: {}, [bea]: {} });
    await shop.addProgramme({ programmeId: fresh('win'), steps: [QUESTION] });
    const restart = await shop.stopMailServer();
    await shop.app.tick();
    expect([await statesOf(ann), await statesOf(bea)]).toEqual([['planned unavailable'], ['planned unavailable']]);
    await tickAfter(5 * MINUTE);
    expect(await statesOf(ann)).toEqual(['planned unavailable']);
    await restart();
    await tickAfter(16 * MINUTE);
    expect([await statesOf(ann), await statesOf(bea)]).toEqual([['sent'], ['sent']]);
    expect(shop.mailsTo(`${ann}@example.com`)).toHaveLength(1);
  });

  it('acts on a bounce and a complaint that come back, and on nobody’s forgery', async () => {
    const [ann, bea, cat] = [fresh('ann'), fresh('bea'), fresh('cat')];
    await dormant({ [ann]: {}, [bea]: {}, [cat]: {} });
    await shop.addProgramme({ programmeId: fresh('win'), steps: [QUESTION] });
    await shop.app.tick();
    const report = (type: string, machine: string, original: string): Buffer => {
      const part = (kind: string, text: string): string => `--b\r\nContent-Type: ${kind}\r\n\r\n${text}\r\n`;
      const parts =
        part('text/plain', 'A report.') + part(`message/${type}`, machine) + part('message/rfc822', original);
      return Buffer.from(
        `From: daemon@mx.example\r\nTo: bounces@shop.example\r\nSubject: report\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=${type}; boundary=b\r\n\r\n${parts}--b--\r\n`,
        'latin1',
      );
    };
    const original = (id: string): string => mailTo(id).raw.toString('latin1');
    const dsn = `Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ${ann}@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n`;
    const arf = 'Feedback-Type: abuse\r\nUser-Agent: Test/1\r\nVersion: 1\r\n';
    const take = (raw: Buffer) => takeReport(shop.app.tracking, raw, 'bounces@shop.example', shop.clock.now());
    expect(await take(report('delivery-status', dsn, original(ann)))).toMatchObject({ kind: 'bounce' });
    expect(await take(report('feedback-report', arf, original(bea)))).toMatchObject({ kind: 'complaint' });
    const forged = original(cat)
      .replaceAll(/=\r\n/g, '')
      .replaceAll(/[\w-]{40}/g, 'A'.repeat(40));
    expect(await take(report('feedback-report', arf, forged))).toEqual({ kind: 'complaint', messageId: undefined });
    const { db } = shop.app.records;
    const people = await db
      .selectFrom('people')
      .select(['person_id', 'email_key'])
      .where('person_id', 'in', [ann, bea, cat])
      .execute();
    const nameOf = new Map(
      people.flatMap((row) => [
        [row.email_key, row.person_id],
        [row.person_id, row.person_id],
      ]),
    );
    const off = await db.selectFrom('suppressions').select(['key', 'kind', 'channel', 'reason']).execute();
    const ours = off.flatMap((row) =>
      nameOf.has(row.key) ? [`${nameOf.get(row.key)} ${row.kind} ${row.channel} ${row.reason}`] : [],
    );
    expect(ours.toSorted()).toEqual([
      `${ann} address email bounced`,
      `${bea} address * complained`,
      `${bea} person * complained`,
    ]);
  });

  it('sends the others’ mails when one template does not render, and nothing after a programme’s end', async () => {
    const [ann, bad, good] = [fresh('ann'), fresh('bad'), fresh('good')];
    await dormant({ [ann]: {} });
    // A version that the lint never saw, as a hand in the database would leave it.
    const words = {
      subject: '{{ person.first_name | nonsense }}',
      mjml: '<mjml></mjml>',
      genericSubject: 'x',
      genericMjml: '<mjml></mjml>',
    };
    const definition = JSON.stringify({ key: 'broken', channel: 'email', versions: { en: words } });
    const template = { template_id: 'broken', version: 1, definition, created_at: shop.clock.now(), active: true };
    await shop.app.records.db.insertInto('templates').values(template).execute();
    await shop.addProgramme({ programmeId: bad, steps: [mail('broken')] });
    await shop.addProgramme({ programmeId: good, steps: [QUESTION, { kind: 'wait', days: 2 }, QUESTION] });
    for (let round = 0; round < 3; round++) await tickAfter(DAY);
    const byProgramme = Map.groupBy(await messagesOf(ann), (row) => row.programme_id);
    expect(byProgramme.get(bad)?.map((row) => row.state)).toEqual(['failed']);
    expect(byProgramme.get(bad)?.[0]?.code).toMatch(/^content:/);
    expect(byProgramme.get(good)?.map((row) => row.state)).toEqual(['sent', 'sent']);

    const last = fresh('last');
    const [eve] = [fresh('eve')];
    await dormant({ [eve]: {} });
    shop.clock.advanceMs(10 * 60 * MINUTE); // 22:00 is quiet: the message is planned and waits.
    await shop.addProgramme({ programmeId: last, steps: [QUESTION] });
    await shop.app.tick();
    expect(await statesOf(eve)).toEqual(['planned']);
    await moveProgramme(shop.app.records, last, 'end', shop.clock.now());
    await tickAfter(14 * 60 * MINUTE);
    expect(await statesOf(eve)).toEqual(['cancelled programme_ended']);
    expect(shop.mailsTo(`${eve}@example.com`)).toEqual([]);
  });

  it('lets people enter again by its own rules, and never twice at once', async () => {
    const [ann, programme] = [fresh('ann'), fresh('again')];
    await dormant({ [ann]: {} });
    await shop.addProgramme({
      programmeId: programme,
      entry: { mode: 'recurring', everyDays: 1, reentryAfterDays: 10 },
      steps: [QUESTION, { kind: 'wait', days: 15 }, QUESTION],
    });
    const entered: number[] = [];
    const first = shop.clock.now().getTime();
    for (const day of [0, 9, 10, 14, 15, 16]) {
      shop.clock.moveTo(new Date(first + day * DAY));
      await shop.app.tick();
      const runs = shop.app.records.db.selectFrom('members').select('run_id').where('programme_id', '=', programme);
      if ((await runs.where('person_id', '=', ann).execute()).length > entered.length) entered.push(day);
    }
    // Day 10 would be her turn, but her first run ends with its last step on day 15, after that day's entry.
    expect(entered).toEqual([0, 16]);
  });

  it('reports what a hand count finds', async () => {
    const [programme, silent] = [fresh('count'), fresh('silent')];
    await dormant(Object.fromEntries(Array.from({ length: 30 }, () => [fresh('c'), {}])));
    const timestamp = new Date(shop.clock.now().getTime() - 100 * DAY).toISOString();
    await shop.post([
      { type: 'identify', userId: silent, traits: { email: `${silent}@example.com` } },
      { type: 'track', event: 'Order Completed', userId: silent, timestamp },
    ]);
    await shop.addProgramme({ programmeId: programme, controlShare: 0.5, steps: [{ ...QUESTION, costCents: 3 }] });
    await shop.app.tick();
    const { db } = shop.app.records;
    const members = await db
      .selectFrom('members')
      .select(['person_id', 'arm'])
      .where('programme_id', '=', programme)
      .orderBy('person_id')
      .execute();
    const armOf = (arm: string): string[] => members.filter((row) => row.arm === arm).map((row) => row.person_id);
    const [treated, control] = [armOf('treated'), armOf('control')];
    const written = await db
      .selectFrom('messages')
      .select(['person_id', 'state'])
      .where('programme_id', '=', programme)
      .execute();
    expect(written.filter((row) => control.includes(row.person_id))).toEqual([]);
    expect(written.filter((row) => row.state === 'sent').length).toBe(treated.length);
    await tickAfter(60 * MINUTE);
    for (const id of [...treated.slice(0, 3), ...control.slice(0, 1)]) await shop.order(id, { revenue: 80 });
    await shop.order(treated[0]!, { revenue: 20 });
    await tickAfter(60 * MINUTE);
    const report = await reportProgramme({ ...shop.app, marginShare: 0.5 }, programme, shop.clock.now());
    const people = treated.length;
    expect(report.treated).toMatchObject({
      people,
      contacted: people,
      delivered: people,
      clicked: 0,
      returned: 3,
      orders: 4,
    });
    // 260.00 of revenue at a margin of one half, less three cents a message.
    expect(report.treated).toMatchObject({
      revenueCents: 26_000,
      messageCostCents: people * 3,
      netMarginCents: 13_000 - people * 3,
    });
    expect(report.control).toMatchObject({
      people: control.length,
      contacted: 0,
      returned: 1,
      orders: 1,
      revenueCents: 8_000,
    });
    expect(report.refused.find((row) => row.code === 'no_consent')?.people).toBe(1);
    expect(report.considered).toBe(members.length + report.refused.reduce((sum, row) => sum + row.people, 0));
    const lift = report.total.returnRateLift;
    if (lift.kind !== 'estimated') throw new Error('nothing estimated');
    expect(lift.estimate).toBeCloseTo(3 / people - 1 / control.length, 12);
  });

  it('shows the result in depth as a hand count does', async () => {
    const programme = fresh('depth');
    await dormant(Object.fromEntries(Array.from({ length: 24 }, () => [fresh('d'), {}])));
    await shop.addProgramme({ programmeId: programme, controlShare: 0.5, steps: [QUESTION], goal: { withinDays: 20 } });
    await shop.app.tick();
    const members = await shop.app.records.db
      .selectFrom('members')
      .select(['person_id', 'arm', 'known'])
      .where('programme_id', '=', programme)
      .orderBy('person_id')
      .execute();
    const of = (arm: string): string[] => members.filter((row) => row.arm === arm).map((row) => row.person_id);
    const [treated, control] = [of('treated'), of('control')];
    expect(new Set(members.map((row) => row.known['stage']))).toEqual(new Set(['dormant']));
    await tickAfter(2 * 60 * MINUTE);
    const { clicks } = await linksOf(shop.mailsTo(`${treated[0]!}@example.com`).at(-1)!);
    await visit(clicks[0]!);
    // Day 1: two of the treated order, one of whom clicked; day 3: one of the control; day 30: the clicker again, too late for the goal.
    shop.days(1);
    for (const id of treated.slice(0, 2)) await shop.order(id, { revenue: 50, order_id: `${id}-1` });
    shop.days(2);
    await shop.order(control[0]!, { revenue: 10 });
    shop.days(27);
    await shop.order(treated[0]!, { revenue: 30, order_id: `${treated[0]!}-2` });
    shop.days(11);
    const results = await programmeResults(
      { ...shop.app, marginShare: 0.5, timeZone: 'UTC' },
      programme,
      shop.clock.now(),
    );
    expect(results.overTime.slice(0, 4).map((point) => [point.treatedReturned, point.controlReturned])).toEqual([
      [0, 0],
      [2, 0],
      [2, 0],
      [2, 1],
    ]);
    expect(results.overTime.at(-1)).toMatchObject({
      treatedPeople: treated.length,
      treatedReturned: 2,
      controlPeople: control.length,
      controlReturned: 1,
    });
    expect(results.groups.stage).toMatchObject([{ group: 'dormant', treatedReturned: 2, controlReturned: 1 }]);
    // Of the two whose thirty days are over, one came again, for 30.00; nobody's ninety days are over.
    const life = (arm: string, days: number) => results.secondLife.find((row) => row.arm === arm && row.days === days);
    expect(life('treated', 30)).toMatchObject({
      returned: 2,
      observed: 2,
      keptShare: 0.5,
      revenueCentsPerPerson: 1_500,
    });
    expect(life('control', 30)).toMatchObject({ returned: 1, observed: 1, keptShare: 0 });
    expect(life('treated', 90)).toMatchObject({ returned: 2, observed: 0, keptShare: null });
    // Within thirty days of entry the second order of the clicker is just out of reach.
    expect(results.longRun.map(({ days, people }) => [days, people])).toEqual([
      [30, members.length],
      [90, 0],
      [180, 0],
    ]);
    expect(results.attributed).toEqual({ windowDays: 7, returned: 1, orders: 1, revenueCents: 5_000 });
  });

  it('settles every kind of offer by the event that says it was taken', async () => {
    const given = {
      points: { kind: 'points', points: 200, centsPer100Points: 100 },
      benefit: { kind: 'benefit', benefit: { en: 'free delivery', zh: '免运费' }, benefitDays: 30, costCents: 900 },
      trial: { kind: 'trial', product: { en: 'Plus', zh: '高级版' }, trialDays: 14, costCents: 300 },
      exclusive: { kind: 'exclusive', title: { en: 'Preview evening', zh: '新品预览之夜' }, costCents: 50 },
    };
    const kinds = Object.keys(given) as (keyof typeof given)[];
    const programme = fresh('kinds');
    const people = kinds.map((kind) => fresh(kind));
    await dormant(Object.fromEntries(people.map((id, i) => [id, { likes: kinds[i] }])));
    for (const kind of kinds) {
      const offerId = `${programme}-${kind}`;
      const terms = { ...given[kind], validDays: 30 };
      await createOffer(
        shop.app.records.db,
        { offerId, name: kind, terms, budgetCents: 100_000, capacity: 100 },
        shop.clock.now(),
      );
      await shop.addProgramme({
        programmeId: `${programme}-${kind}`,
        audience: { policyId: 'shop', stages: ['dormant'], segment: { kind: 'trait', name: 'likes', equals: kind } },
        steps: [mail('offer', { offerId })],
      });
    }
    await shop.app.tick();
    const grants = async () =>
      (
        await shop.app.records.db
          .selectFrom('grants')
          .select(['person_id', 'code', 'state', 'cost_cents'])
          .where('offer_id', 'like', `${programme}-%`)
          .execute()
      ).toSorted((a, b) => people.indexOf(a.person_id) - people.indexOf(b.person_id));
    const issued = await grants();
    expect(issued.map((grant) => [grant.person_id, grant.state])).toEqual(people.map((id) => [id, 'issued']));
    await tickAfter(60 * MINUTE);
    const [points, benefit, trial, exclusive] = issued;
    await shop.order(points!.person_id);
    const taken = (grant: typeof benefit, event: string, more: object = {}): object => ({
      type: 'track',
      event,
      userId: grant!.person_id,
      properties: { code: grant!.code.toLowerCase(), ...more },
    });
    await shop.post([
      taken(benefit, 'Benefit Activated'),
      taken(trial, 'Trial Started', { cost: 1.25 }),
      taken(exclusive, 'Event Registered'),
    ]);
    expect((await grants()).map((grant) => [grant.state, grant.cost_cents])).toEqual([
      ['redeemed', 200],
      ['redeemed', 900],
      ['redeemed', 125],
      ['redeemed', 50],
    ]);
  });

  it('leaves no error behind on the server', () => expect(shop.errors).toEqual([]));
});
