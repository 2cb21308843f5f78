// What a send that was interrupted left behind, held against the invariants: the mail server's own count against the ledger.
import { readAddressToken } from '../../src/reach/tracking/token.ts';
import type { Checks } from './checks.ts';
import type { Ledger } from './ledger.ts';
import type { MailServer } from './mail-server.ts';
import { addressOf, CAP, COUPON, personId, ROLES } from './send-setup.ts';
import type { Wishes } from './wishes.ts';

export function judge(run: {
  readonly server: MailServer;
  readonly ledger: Ledger;
  readonly wishes: Wishes;
  readonly tokenSecret: string;
  /** What the report begins with. */
  readonly title: string;
  readonly people: number;
  /** How many messages must have arrived for the run to mean anything. */
  readonly least: number;
  readonly kills: number;
  readonly faults: number;
  /** Messages that were on the wire at the kills, at most. */
  readonly inFlight: number;
  readonly checks: Checks;
}): string {
  const { title, server, ledger, wishes, checks, kills, faults, inFlight } = run;
  const delivered = server.mails.map((mail) => {
    const read = readAddressToken(run.tokenSecret, mail.token);
    return { ...mail, messageId: read.ok ? read.value : '' };
  });
  const copies = Map.groupBy(delivered, (mail) => mail.messageId);
  const byId = new Map(ledger.messages.map((message) => [message.message_id, message]));
  const inState = (state: string): number => ledger.messages.filter((message) => message.state === state).length;
  const duplicate = [...copies.values()].reduce((sum, mails) => sum + mails.length - 1, 0);
  const lost = ledger.messages.filter((message) => message.state === 'sent' && !copies.has(message.message_id)).length;
  const unknown = inState('unknown');

  checks.that(copies.size >= run.least, `${title}: ${run.least} messages were handed over`, copies.size);
  checks.equal(duplicate, 0, 'invariant 3: nothing is sent twice');
  checks.equal(lost, 0, 'invariant 3: what is recorded as sent is at the mail server');
  checks.equal(
    delivered.filter((mail) => !['sent', 'unknown'].includes(byId.get(mail.messageId)?.state ?? '')).length,
    0,
    'invariant 3: what is at the mail server is recorded as sent, or as unknown',
  );
  checks.equal(inState('planned') + inState('sending'), 0, 'invariant 3: every message has come to a final state');
  checks.that(
    unknown <= faults + inFlight,
    'invariant 3: unknown only what was on the wire at a kill, or what the server left unanswered',
    { unknown, faults, inFlight },
  );

  const allowedOnly = (numbers: readonly [number, number], what: string): void => {
    const addresses = new Set(Array.from({ length: numbers[1] - numbers[0] }, (_, i) => addressOf(numbers[0] + i)));
    checks.equal(delivered.filter((mail) => addresses.has(mail.to)).length, 0, `invariant 1: nothing ${what}`);
  };
  allowedOnly(ROLES.neverAgreed, 'to people who never agreed');
  allowedOnly(ROLES.withdrew, 'to people who withdrew');
  allowedOnly(ROLES.suppressed, 'to suppressed addresses');
  const control = new Set(ledger.control);
  checks.equal(
    delivered.filter((mail) =>
      control.has(`${byId.get(mail.messageId)?.programme_id}/${byId.get(mail.messageId)?.person_id}`),
    ).length,
    0,
    'invariant 7: nothing to a control group',
  );
  const perAddress = Map.groupBy(delivered, (mail) => `${mail.to} ${byId.get(mail.messageId)?.programme_id}`);
  checks.equal(
    [...perAddress.values()].filter((mails) => mails.length > 1).length,
    0,
    'invariant 2: one per programme and address',
  );
  const pressure = Map.groupBy(delivered, (mail) => mail.to);
  checks.equal(
    [...pressure.values()].filter((mails) => mails.length > CAP).length,
    0,
    'invariant 4: caps hold across programmes',
  );
  checks.that(
    ledger.deferredByCap > 0,
    'invariant 4: people met the cap, and their waiting is recorded with its reason',
    ledger.deferredByCap,
  );

  const codes = delivered.flatMap((mail) =>
    mail.coupon === undefined ? [] : [{ code: mail.coupon, id: mail.messageId }],
  );
  const grants = new Map(ledger.grants.map((grant) => [grant.code, grant]));
  checks.equal(
    new Set(codes.map((each) => each.code)).size,
    codes.length,
    'invariant 5: no coupon code went out twice',
  );
  checks.equal(
    codes.flatMap(({ code, id }) => {
      const [grant, message] = [grants.get(code), byId.get(id)];
      const isHers = grant !== undefined && grant.person_id === message?.person_id;
      return isHers && ['issued', 'redeemed'].includes(grant.state) ? [] : [{ code, grant, message }];
    }),
    [],
    'invariant 5: every code in a mail is granted to its receiver and in force',
  );
  const open = ledger.grants.filter((grant) => ['reserved', 'issued', 'redeemed'].includes(grant.state));
  checks.equal(
    { committed: ledger.offer.committed, granted: ledger.offer.granted },
    {
      committed: open.reduce((sum, grant) => sum + Math.min(grant.cost_cents, COUPON.unitCents), 0),
      granted: ledger.grants.filter((grant) => grant.state !== 'revoked').length,
    },
    'invariant 5: the budget says what the grants say',
  );
  checks.that(
    ledger.offer.committed <= COUPON.unitCents * COUPON.paidFor &&
      ledger.offer.granted <= COUPON.capacity &&
      ledger.exhausted > 0,
    'invariant 5: budget and capacity were tight and held',
    { ...ledger.offer, exhausted: ledger.exhausted },
  );
  const redeemed = new Set(ledger.grants.filter((grant) => grant.state === 'redeemed').map((grant) => grant.code));
  checks.equal(
    wishes.redeemed().filter((code) => !redeemed.has(code)).length,
    0,
    'invariant 6: every coupon in an acknowledged order is redeemed',
  );

  const late = (wanted: ReadonlyMap<string, number>): number =>
    delivered.filter((mail) => mail.atMs > (wanted.get(mail.to) ?? Infinity) + 1_000).length;
  const atOnce = delivered.filter((mail) => mail.atMs > (wishes.unsubscribed.get(mail.to) ?? Infinity)).length;
  checks.that(wishes.unsubscribed.size > 20, `${title}: people unsubscribed meanwhile`, wishes.unsubscribed.size);
  checks.that(wishes.returned.size > 20, `${title}: people came back meanwhile`, wishes.returned.size);
  checks.equal(
    late(wishes.unsubscribed),
    0,
    'invariant 9: no mail later than a second after the answer to an unsubscribe',
  );
  checks.equal(late(wishes.returned), 0, 'invariant 8: no mail later than a second after a return was accepted');
  const optedOut = new Set(ledger.unsubscribedPeople);
  const numberOf = new Map(Array.from({ length: run.people }, (_, i) => [addressOf(i), personId(i)]));
  checks.equal(
    [...wishes.unsubscribed.keys()].filter((address) => !optedOut.has(numberOf.get(address) ?? '')).length,
    0,
    'invariant 9: every answered unsubscribe is in the consent ledger after the kills',
  );
  checks.equal(
    wishes.looked.filter((address) => optedOut.has(numberOf.get(address) ?? '')).length,
    0,
    'invariant 9: robots that only looked changed nothing',
  );

  const counts = { sent: inState('sent'), unknown, cancelled: inState('cancelled'), refused: inState('refused') };
  return (
    `${title}: ${kills} kills with ${inFlight} messages in flight at most, ${faults} faults of the server; ${ledger.messages.length} messages, ${copies.size} at the mail server: ` +
    `sent ${counts.sent}, unknown ${counts.unknown}, duplicate ${duplicate}, lost ${lost}; cancelled ${counts.cancelled}, refused ${counts.refused}; ` +
    `${wishes.unsubscribed.size} unsubscribed (${atOnce} mails within the second after), ${wishes.returned.size} came back, ` +
    `${wishes.redeemed().length} coupons redeemed of ${codes.length} sent`
  );
}
