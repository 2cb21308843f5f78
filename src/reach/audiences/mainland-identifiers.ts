// What the mainland networks match people by, one file for each: which of their file types it is, and how it is spelt before it is hashed. The
// types are those of their documentation (巨量 data sources: DmpData; 腾讯 `user_id_type`). That an IMEI is lower-cased and an IDFA upper-cased
// before hashing is custom, not read in a document. Pure.
import { createHash } from 'node:crypto';
import type { Text } from '../../kernel/lang.ts';
import { hashed, mainlandNumber, type Known } from './identifiers.ts';

type Entry = {
  /** The identifier of one person, or nothing. */
  readonly of: (person: Known, openAppId: string | undefined) => string | undefined;
  /** `DataType` of a line in a data source of 巨量引擎; absent where it takes none. */
  readonly oceanengine?: number;
  readonly tencent: string;
} & Text;

const md5 = (kind: string, text: string | undefined): string | undefined =>
  text === undefined || text === '' ? undefined : `${kind}:${createHash('md5').update(text).digest('hex')}`;
/** A device that sends noughts has none. */
const real = (id: string | undefined): string | undefined =>
  id === undefined || /^[0-]*$/.test(id.trim()) ? undefined : id.trim();

const TABLE = {
  phone: {
    en: 'Phone number, SHA-256',
    zh: '手机号 SHA-256',
    of: ({ phone }) => hashed('phone', mainlandNumber(phone)),
    oceanengine: 6,
    tencent: 'SHA256_MOBILE_PHONE',
  },
  phone_md5: {
    en: 'Phone number, MD5',
    zh: '手机号 MD5',
    of: ({ phone }) => md5('phone_md5', mainlandNumber(phone)),
    tencent: 'HASH_MOBILE_PHONE',
  },
  oaid_md5: {
    en: 'OAID, MD5',
    zh: 'OAID MD5',
    of: ({ oaid }) => md5('oaid_md5', real(oaid)),
    oceanengine: 8,
    tencent: 'HASH_OAID',
  },
  imei_md5: {
    en: 'IMEI, MD5: only where you may lawfully hold it',
    zh: 'IMEI MD5：仅限依法可以持有的情形',
    of: ({ imei }) => md5('imei_md5', real(imei)?.toLowerCase()),
    oceanengine: 4,
    tencent: 'HASH_IMEI',
  },
  idfa_md5: {
    en: 'IDFA, MD5',
    zh: 'IDFA MD5',
    of: ({ idfa }) => md5('idfa_md5', real(idfa)?.toUpperCase()),
    oceanengine: 5,
    tencent: 'HASH_IDFA',
  },
  openid: {
    en: 'WeChat openid of one app, as it is',
    zh: '微信 openid（单个应用，原值）',
    of: ({ openids }, openAppId) => {
      const openid = openAppId === undefined ? undefined : openids?.[openAppId];
      return openid === undefined ? undefined : `openid:${openid}`;
    },
    tencent: 'WECHAT_OPENID',
  },
} as const satisfies Record<string, Entry>;

export type MainlandIdentifier = keyof typeof TABLE;
export const MAINLAND_IDENTIFIERS: Readonly<Record<MainlandIdentifier, Entry>> = TABLE;
/** In a fixed order: a batch's files are always made in the same one. */
export const MAINLAND_KINDS = Object.keys(TABLE).filter((key): key is MainlandIdentifier => Object.hasOwn(TABLE, key));

/** Every identifier of these kinds that is known of her. */
export const mainlandIdentifiers = (
  person: Known,
  kinds: readonly MainlandIdentifier[],
  openAppId?: string,
): readonly string[] => kinds.flatMap((kind) => MAINLAND_IDENTIFIERS[kind].of(person, openAppId) ?? []);
