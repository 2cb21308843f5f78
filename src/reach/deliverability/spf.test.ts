// Cases named "suite" are those of the test suite published with RFC 7208 (processing limits, initial processing); the others follow from the paragraph named.
import { describe, expect, it } from 'vitest';
import { judgeSpf, type DnsLookup } from './spf.ts';

const DOMAIN = 'shop.example';

type Zone = {
  readonly txt?: readonly string[];
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly mx?: readonly string[];
};
const BOTH: Zone = { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] };

/** A resolver that knows these names, and what it was asked. */
function dnsOf(zones: Readonly<Record<string, Zone>>): DnsLookup & { readonly asked: string[] } {
  const asked: string[] = [];
  const answer = (kind: keyof Zone, name: string): Promise<readonly string[]> => {
    asked.push(`${kind} ${name}`);
    return Promise.resolve(zones[name]?.[kind] ?? []);
  };
  return {
    asked,
    txt: (name) => answer('txt', name),
    addresses: (name, family) => answer(family === 4 ? 'a' : 'aaaa', name),
    mailHosts: (name) => answer('mx', name),
  };
}

/** The shop's record, with hosts that are there and whatever else a case needs. */
const judge = (record: string | readonly string[], zones: Readonly<Record<string, Zone>> = {}) =>
  judgeSpf(
    dnsOf({
      'mail.example': BOTH,
      '_spf.relay.example': { txt: ['v=spf1 ip4:192.0.2.0/24 -all'] },
      ...zones,
      [DOMAIN]: {
        ...BOTH,
        mx: ['mail.example'],
        ...zones[DOMAIN],
        txt: typeof record === 'string' ? [record] : record,
      },
    }),
    DOMAIN,
  );
const code = async (...args: Parameters<typeof judge>) => (await judge(...args)).code;

describe('the record', () => {
  it.each<[string | readonly string[], string]>([
    ['v=spf1 include:_spf.relay.example -all', 'spf_ok'],
    [['some-verification=1'], 'spf_missing'],
    [['v=spf10 -all'], 'spf_missing'],
    // 4.5: more than one record is no answer.
    [['v=spf1 -all', 'v=spf1 a -all'], 'spf_many'],
    ['v=spf1 +all', 'spf_open'],
    ['v=spf1 all', 'spf_open'],
    ['v=spf1 ?all', 'spf_ok'],
    ['v=spf1 include:nowhere.example -all', 'spf_broken'],
    // 5.1: what stands behind `all` is never tried, and a redirect beside it is not followed.
    ['v=spf1 ~all redirect=nowhere.example', 'spf_ok'],
    ['v=spf1 -all include:nowhere.example', 'spf_ok'],
    ['v=spf1 redirect=_spf.relay.example', 'spf_ok'],
    // Suite: include-loop, redirect-loop.
    [`v=spf1 include:${DOMAIN} -all`, 'spf_broken'],
    [`v=spf1 redirect=${DOMAIN}`, 'spf_broken'],
  ])('%j is %s', async (record, expected) => {
    expect(await code(record)).toBe(expected);
  });
  it('is open where what it includes lets anybody send, unless that counts for nothing', async () => {
    const anybody = { 'any.example': { txt: ['v=spf1 +all'] } };
    expect(await code('v=spf1 include:any.example -all', anybody)).toBe('spf_open');
    expect(await code('v=spf1 redirect=any.example', anybody)).toBe('spf_open');
    expect(await code('v=spf1 ?include:any.example -all', anybody)).toBe('spf_ok');
  });
  it.each([
    // 4.6: a syntax error anywhere spoils the record. 12: what a term may look like.
    'ipv4:192.0.2.1', 'ip4=192.0.2.1 ip4:192.0.2', 'include', 'include:', 'exists', 'a:', 'mx/', 'a,mx', '-alll', 'ip6:192.0.2.1',
    'redirect=', 'redirect=_spf.relay.example redirect=_spf.relay.example',
  ])('that holds %j cannot be read', async (term) => {
    expect(await code(`v=spf1 ${term} -all`)).toBe('spf_unreadable');
  }); // prettier-ignore
  it.each([
    'a/24', 'a//64', 'a/24//64', 'mx:shop.example/28', 'A:SHOP.EXAMPLE', '?ip4:192.0.2.0/24', 'ip6:2001:db8::/32', 'exp=why.example',
    'unknown-modifier=x', 'exists:%{i}._spf.%{d2}', 'include:%{d1r/}.spf.example',
  ])('may hold %j', async (term) => {
    expect(await code(`v=spf1 ${term} -all`)).toBe('spf_ok');
  }); // prettier-ignore
});

describe('terms that ask DNS: ten at most (4.6.4)', () => {
  it.each(['a', 'mx', 'exists:mail.example', 'include:_spf.relay.example', 'include:%{ir}.spf.example'])(
    'suite, mech-at-limit and mech-over-limit: %s',
    async (term) => {
      expect(await code(`v=spf1 ${`${term} `.repeat(10)}-all`)).toBe('spf_ok');
      expect(await code(`v=spf1 ${`${term} `.repeat(11)}-all`)).toBe('spf_too_deep');
    },
  );
  it('count in what is included too (suite: include-at-limit, include-over-limit)', async () => {
    const inner = (terms: number) => ({ 'inc.example': { txt: [`v=spf1 ${'a:mail.example '.repeat(terms)}-all`] } });
    expect(await code('v=spf1 include:inc.example a -all', inner(8))).toBe('spf_ok');
    expect(await code('v=spf1 include:inc.example a -all', inner(9))).toBe('spf_too_deep');
    expect(await code(`v=spf1 ${'a '.repeat(9)}redirect=inc.example`, inner(0))).toBe('spf_ok');
    expect(await code(`v=spf1 ${'a '.repeat(9)}redirect=inc.example`, inner(1))).toBe('spf_too_deep');
  });
  it('are no terms that name addresses, say why, or end the record', async () => {
    expect(await code(`v=spf1 ${'a '.repeat(10)}ip4:192.0.2.1 ip6:2001:db8::1 exp=why.example -all`)).toBe('spf_ok');
  });
  it('ask nothing more once there are eleven', async () => {
    const dns = dnsOf({ [DOMAIN]: { ...BOTH, txt: [`v=spf1 ${'a '.repeat(40)}include:late.example -all`] } });
    expect((await judgeSpf(dns, DOMAIN)).code).toBe('spf_too_deep');
    expect(dns.asked.filter((each) => each.startsWith('a '))).toHaveLength(10);
    expect(dns.asked).not.toContain('txt late.example');
  });
  it('ptr costs one, however many names there are, and is advised against (5.5)', async () => {
    expect(await code('v=spf1 ptr -all')).toBe('spf_ptr');
    expect(await code(`v=spf1 ${'ptr '.repeat(11)}-all`)).toBe('spf_too_deep');
  });
});

describe('look-ups in vain: two at most (4.6.4)', () => {
  it.each<[string, string]>([
    // Suite: void-at-limit, void-over-limit.
    ['exists:err.example exists:err1.example', 'spf_ok'],
    ['exists:err.example exists:err1.example exists:err2.example', 'spf_void'],
    ['a:err.example mx:err1.example', 'spf_ok'],
    ['a:err.example mx:err1.example exists:err2.example', 'spf_void'],
    // A mail host without an address is one as well; what a macro leads to is not known.
    ['a:err.example a:err1.example mx:dead.example', 'spf_void'],
    ['a:err.example a:err1.example exists:%{i}.err.example', 'spf_ok'],
  ])('%s is %s', async (terms, expected) => {
    expect(await code(`v=spf1 ${terms} -all`, { 'dead.example': { mx: ['gone.example'] } })).toBe(expected);
  });
  it('count in what is included too', async () => {
    const more = { 'inc.example': { txt: ['v=spf1 a:err1.example a:err2.example ?all'] } };
    expect(await code('v=spf1 a include:inc.example -all', more)).toBe('spf_ok');
    expect(await code('v=spf1 a:err.example include:inc.example -all', more)).toBe('spf_void');
  });
  it('are told by the names that are not there', async () => {
    const { en, zh } = await judge('v=spf1 a:err.example a:err1.example a:err2.example -all');
    for (const text of [en, zh]) expect(text).toContain('a:err.example, a:err1.example, a:err2.example');
  });
  it('over one family of addresses only are a warning (5.3 and 5.4 ask for the family of the sender)', async () => {
    const only4 = { a: ['192.0.2.1'] };
    const zones = { 'one.example': only4, 'two.example': only4, 'three.example': only4 };
    expect(await code('v=spf1 a:one.example a:two.example -all', zones)).toBe('spf_ok');
    const verdict = await judge('v=spf1 a:one.example a:two.example a:three.example -all', zones);
    expect(verdict).toMatchObject({ level: 'warn', code: 'spf_void_family', en: expect.stringContaining('IPv6') });
    // 5.7: `exists` asks for an A record in any case.
    const exists = 'v=spf1 exists:one.example exists:two.example exists:three.example -all';
    expect(await code(exists, zones)).toBe('spf_ok');
  });
});

describe('mx: ten hosts at most (4.6.4)', () => {
  const hosts = (count: number): Readonly<Record<string, Zone>> => {
    const names = Array.from({ length: count }, (_, n) => `mx${n}.example`);
    return { [DOMAIN]: { mx: names }, ...Object.fromEntries(names.map((name) => [name, BOTH])) };
  };
  it('suite, mx-limit', async () => {
    expect(await code('v=spf1 mx -all', hosts(10))).toBe('spf_ok');
    expect(await code('v=spf1 mx -all', hosts(11))).toBe('spf_mx_many');
  });
  it('of a domain that takes no mail (RFC 7505) has none, and asks in vain', async () => {
    const none = { [DOMAIN]: { mx: [''] }, 'no1.example': { mx: ['.'] } };
    expect(await code('v=spf1 mx mx:no1.example -all', none)).toBe('spf_ok');
    expect(await code('v=spf1 mx mx:no1.example mx:no2.example -all', none)).toBe('spf_void');
  });
});

it('passes on that DNS does not answer', async () => {
  const dns: DnsLookup = { ...dnsOf({}), txt: () => Promise.reject(new Error('timeout')) };
  await expect(judgeSpf(dns, DOMAIN)).rejects.toThrow('timeout');
});
