import { describe, expect, it } from 'vitest';
import { preflight, type DkimToCheck } from './preflight.ts';
import type { DnsLookup } from './spf.ts';

const DOMAIN = 'mail.shop.example';
const KEY: DkimToCheck = { domain: DOMAIN, selector: 'rk', publicKey: 'MIIBkey', type: 'rsa' };
const GOOD: Readonly<Record<string, readonly string[]>> = {
  [DOMAIN]: ['v=spf1 include:_spf.relay.example -all', 'some-verification=1'],
  '_spf.relay.example': ['v=spf1 ip4:192.0.2.0/24 -all'],
  [`rk._domainkey.${DOMAIN}`]: ['v=DKIM1; k=rsa; p=MIIB key'],
  '_dmarc.shop.example': ['v=DMARC1; p=reject; rua=mailto:d@shop.example'],
};
const resolver = (more: Readonly<Record<string, readonly string[]>> = {}): DnsLookup => ({
  txt: (name) => Promise.resolve({ ...GOOD, ...more }[name] ?? []),
  addresses: (_name, family) => Promise.resolve([family === 4 ? '192.0.2.1' : '2001:db8::1']),
  mailHosts: (name) => Promise.resolve([`mx.${name}`]),
});
const codes = async (more: Readonly<Record<string, readonly string[]>>, keys: readonly DkimToCheck[] = [KEY]) =>
  (await preflight(resolver(more), DOMAIN, keys, DOMAIN)).map(({ code }) => code);

describe('the pre-flight', () => {
  it('finds nothing wrong where nothing is', async () => {
    expect(await codes({})).toEqual(['spf_ok', 'dkim_ok', 'dmarc_ok']);
  });
  it('takes over what SPF says', async () => {
    expect((await codes({ [DOMAIN]: [] }))[0]).toBe('spf_missing');
  });
  it('knows a DKIM key that is missing, another, revoked or misaligned', async () => {
    const name = `rk._domainkey.${DOMAIN}`;
    expect((await codes({ [name]: [] }))[1]).toBe('dkim_missing');
    expect((await codes({ [name]: ['v=DKIM1; p=other'] }))[1]).toBe('dkim_other_key');
    expect((await codes({ [name]: ['v=DKIM1; p='] }))[1]).toBe('dkim_other_key');
    const other = { ...KEY, domain: 'relay.example' };
    expect((await codes({ 'rk._domainkey.relay.example': ['p=MIIBkey'] }, [other]))[1]).toBe('dkim_misaligned');
    const above = { ...KEY, domain: 'shop.example' };
    expect((await codes({ 'rk._domainkey.shop.example': ['p=MIIBkey'] }, [above]))[1]).toBe('dkim_ok');
    expect((await codes({}, []))[1]).toBe('dkim_unknown');
    // RFC 7489, 3.1.1: under a strict policy the organisation's own domain is not aligned with a part of it.
    const strict = {
      'rk._domainkey.shop.example': ['p=MIIBkey'],
      '_dmarc.shop.example': ['v=DMARC1; p=reject; adkim=s'],
    };
    expect((await codes(strict, [above]))[1]).toBe('dkim_misaligned');
    expect((await codes(strict))[1]).toBe('dkim_ok');
  });
  it('asks for SPF where bounces return to, as receivers do', async () => {
    const from = (returnDomain: string | undefined, more: Readonly<Record<string, readonly string[]>>) =>
      preflight(resolver(more), DOMAIN, [KEY], returnDomain).then(([first]) => first?.code);
    const bounce = { [DOMAIN]: [], 'bounce.shop.example': ['v=spf1 ip4:192.0.2.1 -all'] };
    expect(await from('bounce.shop.example', bounce)).toBe('spf_ok');
    expect(await from('bounce.shop.example', {})).toBe('spf_missing');
    expect(await from(undefined, { [DOMAIN]: [] })).toBe('spf_provider');
  });
  it.each<[string, readonly string[], string]>([
    // RFC 6376, 3.6.1 and 3.6.2.2; RFC 8463, 4: a key of Ed25519 says so.
    ['two keys', ['v=DKIM1; p=MIIBkey', 'v=DKIM1; p=other'], 'dkim_many'],
    ['testing', ['v=DKIM1; t=s:y; p=MIIBkey'], 'dkim_testing'],
    ['no parts of the domain', ['v=DKIM1; t=s; p=MIIBkey'], 'dkim_ok'],
    ['another kind', ['v=DKIM1; k=ed25519; p=MIIBkey'], 'dkim_unusable'],
    ['SHA-1 alone', ['v=DKIM1; h=sha1; p=MIIBkey'], 'dkim_unusable'],
    ['both hashes', ['v=DKIM1; h=sha1:sha256; s=email; p=MIIBkey'], 'dkim_ok'],
    ['not for mail', ['v=DKIM1; s=tlsrpt; p=MIIBkey'], 'dkim_unusable'],
  ])('judges a DKIM record of %s: %j as %s', async (_title, records, code) => {
    expect((await codes({ [`rk._domainkey.${DOMAIN}`]: records }))[1]).toBe(code);
  });
  it('wants a key of Ed25519 published as one', async () => {
    const keys = [{ ...KEY, type: 'ed25519' as const }];
    expect((await codes({}, keys))[1]).toBe('dkim_unusable');
    expect((await codes({ [`rk._domainkey.${DOMAIN}`]: ['v=DKIM1; k=ed25519; p=MIIBkey'] }, keys))[1]).toBe('dkim_ok');
  });
  it('takes both for one organisation where both have a record (RFC 9989, 4.10.2)', async () => {
    const above = { ...KEY, domain: 'shop.example' };
    const both = {
      'rk._domainkey.shop.example': ['p=MIIBkey'],
      [`_dmarc.${DOMAIN}`]: ['v=DMARC1; p=reject'],
    };
    expect((await codes(both, [above]))[1]).toBe('dkim_ok');
    expect((await codes({ ...both, [`_dmarc.${DOMAIN}`]: ['v=DMARC1; p=reject; psd=n'] }, [above]))[1]).toBe(
      'dkim_misaligned',
    );
  });
  it.each<[readonly string[], string]>([
    [[], 'dmarc_missing'],
    [['v=DMARC1; p=reject; t=y'], 'dmarc_testing'],
    [['v=DMARC1; p=none'], 'dmarc_none'],
    [['v=DMARC1; rua=mailto:x@y.z'], 'dmarc_broken'],
    [['v=DMARC1; p=reject', 'v=DMARC1; p=none'], 'dmarc_broken'],
    [['v=DMARC1; p=reject; sp=none'], 'dmarc_none'],
  ])('judges DMARC %j as %s', async (records, code) => {
    expect((await codes({ '_dmarc.shop.example': records }))[2]).toBe(code);
  });
  it('says nothing when DNS does not answer', async () => {
    const silent = { ...resolver(), txt: () => Promise.reject(new Error('timeout')) };
    await expect(preflight(silent, DOMAIN, [], DOMAIN)).rejects.toThrow('timeout');
  });
});
