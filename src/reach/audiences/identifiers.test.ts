// Expected digests: SHA-256 of the spelling each network documents, by another implementation (`printf … | sha256sum`).
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { googleEmail, hashed, mainlandNumber, plainEmail, valuesOf } from './identifiers.ts';
import { NETWORKS } from './network.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const person = { personId: 'p1', email: ' Jane.Doe+Shop@GoogleMail.com ', phone: '+8613800138000' };

it('hashes the empty nothing, and abc as FIPS 180-2 says', () => {
  expect(hashed('email', '')).toBeUndefined();
  expect(hashed('email', undefined)).toBeUndefined();
  expect(hashed('x', 'abc')).toBe('x:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('spells mailboxes as each network does', () => {
  expect(plainEmail(person.email)).toBe('jane.doe+shop@googlemail.com');
  expect(googleEmail(person.email)).toBe('janedoe@googlemail.com');
  // Only Google's own mailboxes lose dots and what follows a plus.
  expect(googleEmail('Jane.Doe+Shop@example.com')).toBe('jane.doe+shop@example.com');
  expect(googleEmail('no mailbox')).toBeUndefined();
});

it('spells numbers as each network does', () => {
  expect(NETWORKS.meta.identifiers(person)).toContain(`phone:${sha('8613800138000')}`);
  expect(NETWORKS.google.identifiers(person)).toContain(`phone:${sha('+8613800138000')}`);
  expect(NETWORKS.tiktok.identifiers(person)).toContain(`phone:${sha('+8613800138000')}`);
  expect(NETWORKS.oceanengine.identifiers(person)).toEqual([`phone:${sha('13800138000')}`]);
  expect(mainlandNumber('+14155550100')).toBeUndefined();
  expect(NETWORKS.tencent_ads.identifiers({ ...person, phone: '+14155550100' })).toEqual([]);
});

it('reads one kind of a row', () => {
  expect(valuesOf(['email:a', 'phone:b'], 'phone')).toEqual(['b']);
});
