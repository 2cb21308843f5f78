// The three request signatures of SMS providers, as each publishes its algorithm.
import { createHash, createHmac } from 'node:crypto';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** RFC 3986, which leaves fewer characters alone than `encodeURIComponent`. */
const percent = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

export const canonicalQuery = (params: Readonly<Record<string, string>>): string =>
  Object.keys(params)
    .toSorted()
    .map((name) => `${percent(name)}=${percent(params[name] ?? '')}`)
    .join('&');

/** 阿里云 signature v3 of a call without a body. Returns every header to send. */
export function signAcs3(
  key: { readonly id: string; readonly secret: string },
  call: {
    readonly host: string;
    readonly action: string;
    readonly version: string;
    readonly query: Readonly<Record<string, string>>;
    readonly nonce: string;
    readonly at: Date;
  },
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {
    host: call.host,
    'x-acs-action': call.action,
    'x-acs-content-sha256': sha256(''),
    'x-acs-date': call.at.toISOString().replace(/\.\d+Z$/, 'Z'),
    'x-acs-signature-nonce': call.nonce,
    'x-acs-version': call.version,
  };
  const names = Object.keys(headers).toSorted();
  const signed = names.join(';');
  const canonical = [
    'POST',
    '/',
    canonicalQuery(call.query),
    ...names.map((name) => `${name}:${headers[name]!.trim()}`),
    '',
    signed,
    sha256(''),
  ].join('\n');
  const signature = hmac(key.secret, `ACS3-HMAC-SHA256\n${sha256(canonical)}`).toString('hex');
  return {
    ...headers,
    authorization: `ACS3-HMAC-SHA256 Credential=${key.id},SignedHeaders=${signed},Signature=${signature}`,
  };
}

/** 腾讯云 signature v3. The signed headers are content type and host; the action may be signed too. */
export function signTc3(
  key: { readonly id: string; readonly secret: string },
  call: { readonly host: string; readonly service: string; readonly body: string; readonly at: Date },
): { readonly authorization: string; readonly timestamp: string; readonly contentType: string } {
  const contentType = 'application/json; charset=utf-8';
  const timestamp = String(Math.floor(call.at.getTime() / 1000));
  const date = new Date(Number(timestamp) * 1000).toISOString().slice(0, 10);
  const signed = 'content-type;host';
  const canonical = [
    'POST',
    '/',
    '',
    `content-type:${contentType}`,
    `host:${call.host}`,
    '',
    signed,
    sha256(call.body),
  ].join('\n');
  const scope = `${date}/${call.service}/tc3_request`;
  const signingKey = hmac(hmac(hmac(`TC3${key.secret}`, date), call.service), 'tc3_request');
  const signature = hmac(signingKey, `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`).toString('hex');
  return {
    authorization: `TC3-HMAC-SHA256 Credential=${key.id}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
    timestamp,
    contentType,
  };
}

/**
 * What Twilio puts into `X-Twilio-Signature`: the whole address, then every field's name and value in the order of their names; a field that
 * comes several times with each of its different values, sorted. A JSON body has no fields here: its hash is in the address.
 */
export const signTwilio = (authToken: string, url: string, form: URLSearchParams): string =>
  createHmac('sha1', authToken)
    .update(
      [...new Set(form.keys())]
        .toSorted()
        .flatMap((name) => [...new Set(form.getAll(name))].toSorted().map((value) => name + value))
        .reduce((text, field) => text + field, url),
    )
    .digest('base64');
