// What `rekindle keys` says.
import type { Text } from '../kernel/lang.ts';

export const KEYS_WORDS = {
  keys: {
    en: 'Keys of the API: write keys send events, secret keys steer',
    zh: 'API 密钥：write 发送事件，secret 读取和控制',
  },
  keysCreate: { en: 'make a key', zh: '创建密钥' },
  keysList: { en: 'list keys', zh: '列出密钥' },
  keysRevoke: { en: 'revoke a key', zh: '吊销密钥' },
  kindArgument: { en: 'write or secret', zh: 'write 或 secret' },
  labelOption: { en: 'what the key is for', zh: '密钥用途' },
  keyArgument: { en: 'id of a key', zh: '密钥编号' },
  columnKey: { en: 'Key', zh: '密钥' },
  columnKind: { en: 'Kind', zh: '类型' },
  columnLabel: { en: 'Label', zh: '用途' },
  columnRevoked: { en: 'Revoked', zh: '吊销于' },
  keyCreated: { en: '{kind} key {id}. It is shown only now:', zh: '{kind} 密钥 {id}，仅显示这一次：' },
  keyRevoked: { en: 'Key {id} is revoked.', zh: '密钥 {id} 已吊销。' },
  wrongKind: { en: 'A key is "write" or "secret", not "{kind}".', zh: '密钥类型为 write 或 secret，而不是“{kind}”。' },
} as const satisfies Record<string, Text>;
