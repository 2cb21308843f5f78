// The other end of a web push: opens what a push service carried as the browser does, and checks who signed the request. Written from RFC 8188,
// 8291 and 8292; `push.contract.test.ts` holds it to their published examples.
import { createDecipheriv, createECDH, hkdfSync } from 'node:crypto';
import { importJWK, jwtVerify } from 'jose';

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const raw = (text: string): Buffer => Buffer.from(text, 'base64url');

/** Opens one aes128gcm record as a browser does (RFC 8291, section 3.4; RFC 8188, section 2). */
export function openSealed(body: Buffer, receiver: { publicKey: Buffer; privateKey: Buffer; auth: Buffer }): Buffer {
  const salt = body.subarray(0, 16);
  const recordSize = body.readUInt32BE(16);
  const keyLength = body.readUInt8(20);
  const senderKey = body.subarray(21, 21 + keyLength);
  const sealed = body.subarray(21 + keyLength);
  if (sealed.length > recordSize) throw new Error('more than one record');
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(receiver.privateKey);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), receiver.publicKey, senderKey]);
  const secret = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(senderKey), receiver.auth, info, 32));
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: nonce\0', 12));
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  const end = padded.lastIndexOf(2);
  if (end < 0 || padded.subarray(end + 1).some((byte) => byte !== 0)) throw new Error('no delimiter of a last record');
  return padded.subarray(0, end);
}

/** `Authorization: vapid t=…, k=…` (RFC 8292): the token's claims, once its signature fits the key it names. */
export async function vapidClaims(header: string, at: Date): Promise<Record<string, unknown>> {
  const [, token, key] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(header) ?? [];
  if (token === undefined || key === undefined) throw new Error(`no vapid header: ${header}`);
  const point = raw(key);
  const publicKey = await importJWK(
    { kty: 'EC', crv: 'P-256', x: b64(point.subarray(1, 33)), y: b64(point.subarray(33)) },
    'ES256',
  );
  const { payload } = await jwtVerify(token, publicKey, { algorithms: ['ES256'], currentDate: at });
  return payload;
}
