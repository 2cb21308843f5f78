import { describe, expect, it } from 'vitest';
import { factsRowOf, type HeldFacts } from './facts.ts';

const HELD: HeldFacts = {
  person_id: 'ann',
  created_on: '2026-01-01',
  has_email: true,
  has_phone: true,
  endpoints: ['wechat_mini'],
  consents: [{ channel: 'wechat', purpose: 'marketing', status: 'granted', expires_at: '2027-01-01T00:00:00Z' }],
  person_off: [],
  email_off: [],
  phone_off: [],
  id_off: [],
  endpoints_off: [],
  is_off: false,
  sunset_off: [],
  global_control: false,
  touches: [],
};
const row = (more: Partial<HeldFacts> = {}) => factsRowOf({ ...HELD, ...more });
const saidOn = (channel: string, purpose = 'marketing') =>
  row().consents.find((each) => each.channel === channel && each.purpose === purpose);

describe('facts of a person', () => {
  it('name the channels she has an address on; inside the product she is her own address', () => {
    expect(row().addresses).toEqual(['email', 'sms', 'in_app', 'wechat_mini', 'webhook']);
    expect(row({ has_email: false, has_phone: false, endpoints: [] }).addresses).toEqual(['in_app', 'webhook']);
  });
  it('spread one word of consent over every channel that lives on it, and keep its own name', () => {
    for (const channel of ['wechat', 'wechat_mini', 'wechat_service', 'wecom'])
      expect(saidOn(channel)).toMatchObject({ status: 'granted', expires_at: '2027-01-01T00:00:00.000Z' });
    expect(saidOn('email')).toBeUndefined();
  });
  it('take silence for enough only where the absence of a no is', () => {
    expect(saidOn('in_app')).toMatchObject({ status: 'implied' });
    expect(saidOn('webhook')).toBeUndefined();
    const no = { channel: 'in_app', purpose: 'marketing', status: 'withdrawn', expires_at: null } as const;
    const said = row({ consents: [no] }).consents.filter((each) => each.channel === 'in_app');
    expect(said.filter((each) => each.purpose === 'marketing')).toMatchObject([{ status: 'withdrawn' }]);
  });
  it.each<[string, Partial<HeldFacts>, string[]]>([
    ['nothing', {}, []],
    ['a mailbox that bounced everywhere', { email_off: ['*'] }, ['email']],
    ['a mailbox suppressed for another channel', { email_off: ['sms'] }, []],
    ['a number', { phone_off: ['sms'] }, ['sms']],
    ['herself on one channel', { person_off: ['wecom'] }, ['wecom']],
    ['an endpoint', { endpoints_off: ['wechat_mini'] }, ['wechat_mini']],
    ['an objection', { is_off: true }, ['*']],
    ['a sunset of every channel', { sunset_off: ['*'] }, ['*']],
    ['a sunset of mail', { sunset_off: ['email'] }, ['email']],
  ])('suppress %s', (_, held, suppressed) => expect(row(held).suppressed).toEqual(suppressed));
  it('suppress her altogether', () => expect(row({ person_off: ['*'] }).suppressed).toContain('*'));
});
