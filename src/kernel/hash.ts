// Keyed and unkeyed digests, and the one versioned hash that assigns people to arms.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const sha256Hex = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

export const hmacSha256 = (key: string | Uint8Array, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

/** Constant-time comparison of two strings of any length. */
export function sameText(a: string, b: string): boolean {
  const left = createHash('sha256').update(a).digest();
  const right = createHash('sha256').update(b).digest();
  return timingSafeEqual(left, right);
}

export const BUCKETS = 10_000;
export const BUCKET_HASH_VERSION = 1;

/**
 * The bucket of `key` under `salt`, an integer in [0, 10,000). Version 1: the first 32 bits of MD5("1:salt:key"), modulo 10,000.
 * MD5 because PostgreSQL and ClickHouse compute it too, so SQL and TypeScript agree; it carries no secret.
 */
export function bucketOf(salt: string, key: string): number {
  const digest = createHash('md5').update(`${BUCKET_HASH_VERSION}:${salt}:${key}`).digest();
  return digest.readUInt32BE(0) % BUCKETS;
}
