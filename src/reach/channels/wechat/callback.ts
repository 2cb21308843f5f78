// Is this callback WeChat's, and what does it say? Checks signatures, opens sealed bodies (AES-256-CBC, as their "secure mode" and WeCom send them)
// and reads the flat XML or JSON of an event. Pure.
import { createDecipheriv, createHash } from 'node:crypto';
import { sameText } from '../../../kernel/hash.ts';
import { isObject, textOf, type JsonObject } from '../../../kernel/json.ts';
import { ok, refused, type Result } from '../../../kernel/result.ts';

export type CallbackKeys = {
  readonly token: string;
  /** 43 characters: the key of sealed bodies. */
  readonly encodingAesKey?: string | undefined;
  /** The app or corporation a sealed body must be for. */
  readonly receiver: string;
};

export type CallbackFault = 'not_authentic' | 'unreadable';

const BLOCK = 32;

/** SHA-1 over the sorted parts, as their documents define it. */
export const wechatSignature = (...parts: readonly string[]): string =>
  createHash('sha1').update(parts.toSorted().join('')).digest('hex');

/** 16 random bytes, the length, the words, the receiver; padded to 32 bytes. */
export function openSealed(sealed: string, keys: CallbackKeys): Result<string, CallbackFault> {
  const key = Buffer.from(`${keys.encodingAesKey ?? ''}=`, 'base64');
  const bytes = Buffer.from(sealed, 'base64');
  if (key.length !== 32 || bytes.length === 0 || bytes.length % 16 !== 0) return refused('unreadable');
  const cipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const open = Buffer.concat([cipher.update(bytes), cipher.final()]);
  const padding = open.at(-1) ?? 0;
  if (padding < 1 || padding > BLOCK || open.length < 20 + padding) return refused('unreadable');
  const whole = open.subarray(0, open.length - padding);
  const length = whole.readUInt32BE(16);
  if (20 + length > whole.length) return refused('unreadable');
  if (whole.subarray(20 + length).toString('utf8') !== keys.receiver) return refused('not_authentic');
  return ok(whole.subarray(20, 20 + length).toString('utf8'));
}

const unquoted = (text: string): string =>
  text
    .replace(/^<!\[CDATA\[([\s\S]*)\]\]>$/, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');

const ELEMENT = /<(\w+)>(<!\[CDATA\[[\s\S]*?\]\]>|[\s\S]*?)<\/\1>/g;
const LEVELS_MAX = 4;

/** Elements as an object; an element that comes twice is a list. Their XML has no attributes. */
function objectOfXml(xml: string, level = 0): JsonObject {
  const found: Record<string, unknown> = {};
  for (const [, name, inner] of xml.matchAll(ELEMENT)) {
    if (name === undefined || inner === undefined) continue;
    const nested = level < LEVELS_MAX && !inner.startsWith('<![CDATA[') && /<\w+>/.test(inner);
    const value = nested ? objectOfXml(inner, level + 1) : unquoted(inner.trim());
    const before = found[name];
    found[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return found;
}

function objectOfBody(body: string): JsonObject | undefined {
  if (body.trimStart().startsWith('<')) {
    const { xml } = objectOfXml(body);
    return isObject(xml) ? xml : undefined;
  }
  try {
    const read: unknown = JSON.parse(body);
    return isObject(read) ? read : undefined;
  } catch {
    return undefined; // Neither of the two forms they send.
  }
}

export type CallbackQuery = Readonly<Record<string, string | undefined>>;

function isSigned(query: CallbackQuery, keys: CallbackKeys, sealed: string | undefined): boolean {
  const { timestamp = '', nonce = '' } = query;
  return sealed === undefined
    ? sameText(query['signature'] ?? '', wechatSignature(keys.token, timestamp, nonce))
    : sameText(query['msg_signature'] ?? '', wechatSignature(keys.token, timestamp, nonce, sealed));
}

/** What to answer the call that proves that the address is ours. */
export function answerProof(query: CallbackQuery, keys: CallbackKeys): Result<string, CallbackFault> {
  const { echostr = '' } = query;
  const isSealed = query['msg_signature'] !== undefined;
  if (!isSigned(query, keys, isSealed ? echostr : undefined)) return refused('not_authentic');
  return isSealed ? openSealed(echostr, keys) : ok(echostr);
}

/** The event in a callback. */
export function readCallback(
  query: CallbackQuery,
  body: string,
  keys: CallbackKeys,
): Result<JsonObject, CallbackFault> {
  const outer = objectOfBody(body);
  if (outer === undefined) return refused('unreadable');
  const sealed = textOf(outer['Encrypt']);
  if (!isSigned(query, keys, sealed)) return refused('not_authentic');
  if (sealed === undefined) return ok(outer);
  const opened = openSealed(sealed, keys);
  if (!opened.ok) return opened;
  const inner = objectOfBody(opened.value);
  return inner === undefined ? refused('unreadable') : ok(inner);
}

/** One or many under one name. */
export const listOf = (value: unknown): readonly JsonObject[] => [value].flat().filter(isObject);
