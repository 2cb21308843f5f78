// Would a receiver that evaluates this domain's SPF come to an answer, and to a sensible one? RFC 7208, of the domain that bounces return to, with
// every limit that makes a receiver give up: one record (4.5), no term it cannot read (4.6), ten terms that ask DNS and two that ask in vain
// (4.6.4), ten hosts of an `mx` (4.6.4). What is counted is the longest way, that of a mail no term matches. Pure: answers of DNS are given.
import type { Text } from '../../kernel/lang.ts';

/** Empty lists where there is nothing by that name. Throws when DNS does not answer. */
export type DnsLookup = {
  /** TXT records, each joined. */
  readonly txt: (name: string) => Promise<readonly string[]>;
  readonly addresses: (name: string, family: 4 | 6) => Promise<readonly string[]>;
  /** Names of the hosts that take mail. */
  readonly mailHosts: (name: string) => Promise<readonly string[]>;
};

export type SpfVerdict = { readonly level: 'ok' | 'warn' | 'fail'; readonly code: string } & Text;

const TERMS_MAX = 10;
const VOIDS_MAX = 2;
const HOSTS_MAX = 10;

/** A domain of a term: macros may hold what would end it elsewhere. */
const DOMAIN = String.raw`((?:%\{[^}\s]*\}|%[%_-]|[^\s%/])+)`;
const TERMS = {
  all: /^()all$/i,
  include: new RegExp(`^()include:${DOMAIN}$`, 'i'),
  a: new RegExp(String.raw`^()a(?::${DOMAIN})?(?:\/\d{1,2})?(?:\/\/\d{1,3})?$`, 'i'),
  mx: new RegExp(String.raw`^()mx(?::${DOMAIN})?(?:\/\d{1,2})?(?:\/\/\d{1,3})?$`, 'i'),
  ptr: new RegExp(`^()ptr(?::${DOMAIN})?$`, 'i'),
  exists: new RegExp(`^()exists:${DOMAIN}$`, 'i'),
  ip4: /^()ip4:(\d{1,3}(?:\.\d{1,3}){3})(?:\/\d{1,2})?$/i,
  ip6: /^()ip6:([\da-f:.]*:[\da-f:.]*)(?:\/\d{1,3})?$/i,
} as const;
type Mechanism = keyof typeof TERMS;
const MODIFIER = /^([a-z][\w.-]*)=(\S*)$/i;

type Term =
  | { readonly kind: Mechanism; readonly qualifier: string; readonly target: string | undefined }
  | { readonly kind: 'redirect'; readonly target: string }
  | { readonly kind: 'modifier' }
  | { readonly kind: 'unreadable'; readonly text: string };

function termOf(text: string): Term {
  const modifier = MODIFIER.exec(text);
  if (modifier !== null) {
    if (modifier[1]!.toLowerCase() !== 'redirect') return { kind: 'modifier' };
    return modifier[2] === '' ? { kind: 'unreadable', text } : { kind: 'redirect', target: modifier[2]! };
  }
  const [, qualifier = '', mechanism = ''] = /^([+?~-]?)(.*)$/.exec(text) ?? [];
  for (const [kind, pattern] of Object.entries(TERMS) as [Mechanism, RegExp][]) {
    const found = pattern.exec(mechanism);
    if (found !== null) return { kind, qualifier: qualifier === '' ? '+' : qualifier, target: found[2] };
  }
  return { kind: 'unreadable', text };
}

type Walk = {
  terms: number;
  /** Terms that asked for a name or a record that is not there, as a receiver of a mail over IPv4, over IPv6 asks. */
  readonly voids: { 4: string[]; 6: string[] };
  readonly broken: string[];
  readonly unreadable: { readonly term: string; readonly at: string }[];
  readonly crowded: string[];
  readonly open: string[];
  readonly slow: string[];
};

/** Asks what a receiver would ask for one term, and notes it where the answer is empty. */
async function askFor(dns: DnsLookup, walk: Walk, kind: 'a' | 'mx' | 'exists', name: string): Promise<void> {
  const note = (families: readonly (4 | 6)[]): void => {
    for (const family of families) walk.voids[family].push(`${kind}:${name}`);
  };
  // `exists` asks for an A record, whichever way the mail came (5.7).
  if (kind === 'exists') {
    if ((await dns.addresses(name, 4)).length === 0) note([4, 6]);
    return;
  }
  let hosts: readonly string[] = [name];
  if (kind === 'mx') {
    hosts = (await dns.mailHosts(name)).filter((host) => host !== '' && host !== '.');
    if (hosts.length === 0) return note([4, 6]);
    if (hosts.length > HOSTS_MAX) {
      walk.crowded.push(name);
      return;
    }
  }
  for (const family of [4, 6] as const) {
    const found = await Promise.all(hosts.map((host) => dns.addresses(host, family)));
    if (found.some((addresses) => addresses.length === 0)) note([family]);
  }
}

/** Goes through one record and what it leads to, in the order of a receiver; stops above the limit of terms. `passes`: what matches here may send. */
async function follow(
  dns: DnsLookup,
  name: string,
  walk: Walk,
  trail: readonly string[],
  passes: boolean,
): Promise<void> {
  const records = (await dns.txt(name)).filter((text) => /^v=spf1(?:\s|$)/i.test(text));
  if (records.length !== 1) {
    walk.broken.push(records.length === 0 ? `none:${name}` : `many:${name}`);
    return;
  }
  const terms = records[0]!.trim().split(/\s+/).slice(1).map(termOf);
  for (const term of terms) if (term.kind === 'unreadable') walk.unreadable.push({ term: term.text, at: name });
  const redirects = terms.filter((term) => term.kind === 'redirect');
  if (redirects.length > 1) walk.unreadable.push({ term: `redirect=${redirects[1]!.target}`, at: name });
  const lead = async (target: string, isPassing: boolean): Promise<void> => {
    const next = target.toLowerCase();
    if (trail.includes(next)) walk.broken.push(`loop:${next}`);
    else await follow(dns, next, walk, [...trail, next], isPassing);
  };
  for (const term of terms) {
    if (term.kind === 'redirect' || term.kind === 'modifier' || term.kind === 'unreadable') continue;
    const { kind, qualifier, target = name } = term;
    // What stands behind `all` is never tried, and it ends a redirect (5.1).
    if (kind === 'all') {
      if (qualifier === '+' && passes) walk.open.push(name);
      return;
    }
    if (kind === 'ip4' || kind === 'ip6') continue;
    walk.terms++;
    if (walk.terms > TERMS_MAX) return;
    // The names behind an address are known when a mail comes: a receiver looks at ten of them and leaves the rest (4.6.4).
    if (kind === 'ptr') walk.slow.push(name);
    // What a macro leads to depends on the mail: it costs a look-up, and nobody can follow it beforehand.
    else if (!target.includes('%')) {
      if (kind === 'include') await lead(target, passes && qualifier === '+');
      else await askFor(dns, walk, kind, target.toLowerCase());
    }
    if (walk.terms > TERMS_MAX) return;
  }
  const [redirect] = redirects;
  if (redirect === undefined) return;
  walk.terms++;
  if (walk.terms <= TERMS_MAX && !redirect.target.includes('%')) await lead(redirect.target, passes);
}

const fail = (code: string, en: string, zh: string): SpfVerdict => ({ level: 'fail', code, en, zh });
const listed = (names: readonly string[]): string => [...new Set(names)].join(', ');

/** Throws what the look-up throws: no answer is no verdict. */
export async function judgeSpf(dns: DnsLookup, domain: string): Promise<SpfVerdict> {
  const walk: Walk = {
    terms: 0,
    voids: { 4: [], 6: [] },
    broken: [],
    unreadable: [],
    crowded: [],
    open: [],
    slow: [],
  };
  await follow(dns, domain, walk, [domain], true);
  if (walk.broken.includes(`none:${domain}`))
    return fail('spf_missing', `${domain} has no SPF record.`, `${domain} 没有 SPF 记录。`);
  if (walk.broken.includes(`many:${domain}`))
    return fail(
      'spf_many',
      `${domain} has several SPF records; receivers then use none. Join them into one.`,
      `${domain} 有多条 SPF 记录，收件方会全部忽略，请合并为一条。`,
    );
  const [unreadable] = walk.unreadable;
  if (unreadable !== undefined)
    return fail(
      'spf_unreadable',
      `The SPF record of ${unreadable.at} holds "${unreadable.term}", which is no term of SPF; receivers then drop the whole record.`,
      `${unreadable.at} 的 SPF 记录含有无法识别的“${unreadable.term}”，收件方会因此忽略整条记录。`,
    );
  if (walk.terms > TERMS_MAX)
    return fail(
      'spf_too_deep',
      `The SPF record of ${domain} needs more than ${TERMS_MAX} look-ups; receivers give up.`,
      `${domain} 的 SPF 记录需要超过 ${TERMS_MAX} 次 DNS 查询，收件方会判为失败。`,
    );
  const [broken] = walk.broken;
  if (broken !== undefined)
    return fail(
      'spf_broken',
      `The SPF record of ${domain} leads to ${broken.slice(5)}, whose own record is missing, doubled or circular.`,
      `${domain} 的 SPF 记录引用了 ${broken.slice(5)}，其记录缺失、重复或循环。`,
    );
  const [crowded] = walk.crowded;
  if (crowded !== undefined)
    return fail(
      'spf_mx_many',
      `The SPF record of ${domain} asks for the mail hosts of ${crowded}, which has more than ${HOSTS_MAX}; receivers give up.`,
      `${domain} 的 SPF 记录查询 ${crowded} 的邮件主机（mx），其数量超过 ${HOSTS_MAX} 台，收件方会判为失败。`,
    );
  const [over4, over6] = [walk.voids[4].length > VOIDS_MAX, walk.voids[6].length > VOIDS_MAX];
  if (over4 && over6)
    return fail(
      'spf_void',
      `The SPF record of ${domain} asks more than ${VOIDS_MAX} times for what is not there (${listed(walk.voids[4])}); receivers give up.`,
      `${domain} 的 SPF 记录有超过 ${VOIDS_MAX} 次查询落空（${listed(walk.voids[4])}），收件方会判为失败。`,
    );
  if (walk.open.length > 0)
    return fail(
      'spf_open',
      `The SPF record of ${walk.open[0]} lets anybody send.`,
      `${walk.open[0]} 的 SPF 允许任何人发信。`,
    );
  if (over4 || over6) {
    const family = over4 ? 4 : 6;
    return {
      level: 'warn',
      code: 'spf_void_family',
      en: `A receiver of mail over IPv${family} asks more than ${VOIDS_MAX} times for addresses that are not there (${listed(walk.voids[family])}), and gives up: send over IPv${over4 ? 6 : 4} only, or name addresses (ip4:, ip6:) instead.`,
      zh: `经 IPv${family} 收信的一方会有超过 ${VOIDS_MAX} 次地址查询落空（${listed(walk.voids[family])}）并判为失败：请只经 IPv${over4 ? 6 : 4} 发信，或改写为 ip4:、ip6: 地址。`,
    };
  }
  if (walk.slow.length > 0)
    return {
      level: 'warn',
      code: 'spf_ptr',
      en: `The SPF record of ${walk.slow[0]} uses "ptr", which is slow and which some receivers do not ask (RFC 7208, 5.5). Name addresses instead.`,
      zh: `${walk.slow[0]} 的 SPF 使用了“ptr”，查询缓慢且部分收件方不再支持（RFC 7208 第 5.5 节），请改写为具体地址。`,
    };
  return {
    level: 'ok',
    code: 'spf_ok',
    en: `SPF: one record, ${walk.terms} of ${TERMS_MAX} look-ups, ${Math.max(walk.voids[4].length, walk.voids[6].length)} of ${VOIDS_MAX} in vain.`,
    zh: `SPF：一条记录，DNS 查询 ${walk.terms}/${TERMS_MAX} 次，落空 ${Math.max(walk.voids[4].length, walk.voids[6].length)}/${VOIDS_MAX} 次。`,
  };
}
