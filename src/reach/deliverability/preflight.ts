// Would the big mailboxes take bulk mail of this domain? SPF, DKIM and DMARC as DNS shows them, each with what to do about it. Pure: answers
// of DNS are given. SPF (`spf.ts`) of the domain bounces return to, which is the one that receivers ask; DKIM after RFC 6376 and 8463; DMARC and the organisation a domain belongs to after RFC 9989's way up the tree.
import type { Text } from '../../kernel/lang.ts';
import { judgeSpf, type DnsLookup } from './spf.ts';

type TxtLookup = DnsLookup['txt'];

export type Finding = {
  readonly check: 'spf' | 'dkim' | 'dmarc';
  readonly level: 'ok' | 'warn' | 'fail';
  readonly code: string;
} & Text;

const finding = (check: Finding['check'], level: Finding['level'], code: string, en: string, zh: string): Finding => ({
  check,
  level,
  code,
  en,
  zh,
});

async function spf(dns: DnsLookup, domain: string | undefined): Promise<Finding> {
  if (domain === undefined)
    return finding(
      'spf',
      'ok',
      'spf_provider',
      'SPF: bounces return to whoever hands the mail over, whose own record receivers ask.',
      'SPF：退信地址属于发信服务商，收件方查询的是其自身的记录。',
    );
  return { check: 'spf', ...(await judgeSpf(dns, domain)) };
}

/** The name whose DMARC record speaks for this one, and the record: its own, or the nearest above it. */
async function dmarcOf(
  lookup: TxtLookup,
  domain: string,
): Promise<{ readonly at: string; readonly records: readonly string[] } | undefined> {
  for (let labels = domain.split('.'); labels.length >= 2; labels = labels.slice(1)) {
    const at = labels.join('.');
    const records = (await lookup(`_dmarc.${at}`)).filter((text) => /^v=DMARC1(?:\s*;|$)/i.test(text));
    if (records.length > 0) return { at, records };
  }
  return undefined;
}

const tagsOf = (record: string): ReadonlyMap<string, string> =>
  new Map(
    record.split(';').flatMap((part) => {
      const [, name, value] = /^\s*([a-z]+)\s*=\s*([\s\S]*?)\s*$/i.exec(part) ?? [];
      return name === undefined ? [] : [[name.toLowerCase(), value ?? ''] as const];
    }),
  );

/** Tags of the record at exactly this name, if there is one that can be read. */
async function dmarcAt(lookup: TxtLookup, domain: string): Promise<ReadonlyMap<string, string> | undefined> {
  const records = (await lookup(`_dmarc.${domain}`)).filter((text) => /^v=DMARC1(?:\s*;|$)/i.test(text));
  return records.length === 1 ? tagsOf(records[0]!) : undefined;
}

/** The organisation a name belongs to (RFC 9989, 4.10.2): the shortest name above it that has a record, unless one says where it begins (`psd=`). */
async function organisationOf(lookup: TxtLookup, domain: string): Promise<string> {
  let organisation = domain;
  let below = domain;
  for (let labels = domain.split('.'); labels.length >= 2; labels = labels.slice(1)) {
    const at = labels.join('.');
    const tags = await dmarcAt(lookup, at);
    const psd = tags?.get('psd')?.toLowerCase();
    if (psd === 'y' && at !== domain) return below;
    if (tags !== undefined) organisation = at;
    if (psd === 'n') break;
    below = at;
  }
  return organisation;
}

async function dmarc(lookup: TxtLookup, domain: string): Promise<Finding> {
  const found = await dmarcOf(lookup, domain);
  if (found === undefined)
    return finding(
      'dmarc',
      'fail',
      'dmarc_missing',
      `${domain} has no DMARC record; publish at least "v=DMARC1; p=none".`,
      `${domain} 没有 DMARC 记录，请至少发布 "v=DMARC1; p=none"。`,
    );
  const tags = tagsOf(found.records[0]!);
  const policy = (found.at === domain ? undefined : tags.get('sp')) ?? tags.get('p');
  if (found.records.length > 1 || policy === undefined || !/^(?:none|quarantine|reject)$/i.test(policy))
    return finding(
      'dmarc',
      'fail',
      'dmarc_broken',
      `The DMARC record of ${found.at} cannot be used: doubled, or without a policy.`,
      `${found.at} 的 DMARC 记录无效：重复或缺少策略。`,
    );
  if (policy.toLowerCase() === 'none')
    return finding(
      'dmarc',
      'warn',
      'dmarc_none',
      `DMARC of ${found.at} only watches (p=none): enough to send, no protection against forgers.`,
      `${found.at} 的 DMARC 仅监测（p=none）：可以发信，但不能防伪造。`,
    );
  if (tags.get('t')?.toLowerCase() === 'y')
    return finding(
      'dmarc',
      'warn',
      'dmarc_testing',
      `DMARC of ${found.at} is being tested (t=y): receivers act more mildly than p=${policy.toLowerCase()}.`,
      `${found.at} 的 DMARC 处于测试状态（t=y），收件方不会完全按 p=${policy.toLowerCase()} 处理。`,
    );
  return finding(
    'dmarc',
    'ok',
    'dmarc_ok',
    `DMARC: p=${policy.toLowerCase()} at ${found.at}.`,
    `DMARC：${found.at} 为 p=${policy.toLowerCase()}。`,
  );
}

export type DkimToCheck = {
  readonly domain: string;
  readonly selector: string;
  readonly publicKey: string;
  readonly type: 'rsa' | 'ed25519';
};

const listIn = (value: string | undefined): readonly string[] =>
  (value ?? '')
    .toLowerCase()
    .split(':')
    .flatMap((each) => each.trim() || []);

/** Whether a key's record lets mail be signed as we sign it: its kind, SHA-256, mail (RFC 6376, 3.6.1). */
function isForMail(tags: ReadonlyMap<string, string>, type: DkimToCheck['type']): boolean {
  const [hashes, services] = [listIn(tags.get('h')), listIn(tags.get('s'))];
  return (
    (tags.get('k')?.toLowerCase() ?? 'rsa') === type &&
    (hashes.length === 0 || hashes.includes('sha256')) &&
    (services.length === 0 || services.includes('*') || services.includes('email'))
  );
}

async function dkim(lookup: TxtLookup, domain: string, keys: readonly DkimToCheck[]): Promise<readonly Finding[]> {
  if (keys.length === 0)
    return [
      finding(
        'dkim',
        'warn',
        'dkim_unknown',
        'We sign nothing ourselves; make sure that whoever hands the mail over signs for your domain.',
        '本系统未配置 DKIM 签名，请确认发信服务商以您的域名签名。',
      ),
    ];
  const policy = await dmarcOf(lookup, domain);
  const own = await organisationOf(lookup, domain);
  // `adkim=s`: only the very domain of the sender will do (RFC 7489, 3.1.1).
  const isStrict =
    tagsOf(policy?.records[0] ?? '')
      .get('adkim')
      ?.toLowerCase() === 's';
  return Promise.all(
    keys.map(async (key) => {
      const name = `${key.selector}._domainkey.${key.domain}`;
      const [record, another] = (await lookup(name)).filter((text) => /(?:^|;)\s*p\s*=/i.test(text));
      if (record === undefined)
        return finding('dkim', 'fail', 'dkim_missing', `There is no DKIM key at ${name}.`, `${name} 没有 DKIM 公钥。`);
      if (another !== undefined)
        return finding(
          'dkim',
          'fail',
          'dkim_many',
          `There are several DKIM keys at ${name}; which one a receiver takes is chance. Leave one.`,
          `${name} 有多条 DKIM 公钥，收件方取哪一条不确定，请只保留一条。`,
        );
      const tags = tagsOf(record);
      const published = tags.get('p')?.replaceAll(/\s/g, '') ?? '';
      if (published !== key.publicKey)
        return finding(
          'dkim',
          'fail',
          'dkim_other_key',
          `The DKIM key at ${name} is not the one we sign with.`,
          `${name} 的 DKIM 公钥与签名私钥不匹配。`,
        );
      if (!isForMail(tags, key.type))
        return finding(
          'dkim',
          'fail',
          'dkim_unusable',
          `The DKIM key at ${name} is published for another use (k=, h= or s=): it needs k=${key.type}, SHA-256 and mail.`,
          `${name} 的 DKIM 公钥用途不符（k=、h= 或 s=），须为 k=${key.type}、SHA-256 并用于邮件。`,
        );
      const isAligned = key.domain === domain || (!isStrict && (await organisationOf(lookup, key.domain)) === own);
      if (!isAligned)
        return finding(
          'dkim',
          'fail',
          'dkim_misaligned',
          `We sign as ${key.domain}, which is not aligned with ${domain}.`,
          `签名域 ${key.domain} 与发件域 ${domain} 不对齐。`,
        );
      return listIn(tags.get('t')).includes('y')
        ? finding(
            'dkim',
            'warn',
            'dkim_testing',
            `The DKIM key at ${name} is in testing mode (t=y): receivers may treat the mail as unsigned. Take t=y out.`,
            `${name} 的 DKIM 公钥处于测试模式（t=y），收件方可能视为未签名，请移除 t=y。`,
          )
        : finding('dkim', 'ok', 'dkim_ok', `DKIM: ${name} is published and aligned.`, `DKIM：${name} 已发布且对齐。`);
    }),
  );
}

/**
 * All findings about one sending domain; `returnDomain` is the one its bounces return to, undefined where that is a provider's. Throws what the look-up
 * throws: no answer is no finding.
 */
export async function preflight(
  dns: DnsLookup,
  domain: string,
  keys: readonly DkimToCheck[],
  returnDomain: string | undefined,
): Promise<readonly Finding[]> {
  return [await spf(dns, returnDomain), ...(await dkim(dns.txt, domain, keys)), await dmarc(dns.txt, domain)];
}
