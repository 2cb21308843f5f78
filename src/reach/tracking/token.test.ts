import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../kernel/ids.ts';
import { readAddressToken, readToken, signAddressToken, signToken } from './token.ts';

const SECRET = 'a secret of the installation';
const ID = 'msg_01arz3ndektsv4rrffq69g5fav';
const kinds = ['unsubscribe', 'click', 'open', 'preferences', 'survey'] as const;

describe('tracking tokens', () => {
  it('fit the header line: the URL is shorter than 70 characters', () => {
    expect(`https://m.example.com/u/${signToken(SECRET, { kind: 'unsubscribe', messageId: ID })}`.length).toBeLessThan(
      70,
    );
  });

  it('carry kind, message and link there and back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.nat(65_535),
        fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
        (kind, linkIndex, at) => {
          const messageId = newId('msg', at);
          const read = readToken(SECRET, signToken(SECRET, { kind, messageId, linkIndex }));
          expect(read).toEqual({ ok: true, value: { kind, messageId, linkIndex } });
          expect(readAddressToken(SECRET, signAddressToken(SECRET, messageId).toUpperCase())).toEqual({
            ok: true,
            value: messageId,
          });
        },
      ),
    );
  });

  it('are refused when any character is changed, removed or added', () => {
    const token = signToken(SECRET, { kind: 'click', messageId: ID, linkIndex: 3 });
    for (let i = 0; i < token.length; i++) {
      for (const other of ['A', 'B', '_', '=', '.']) {
        if (token.charAt(i) === other) continue;
        expect(readToken(SECRET, token.slice(0, i) + other + token.slice(i + 1)).ok).toBe(false);
      }
      expect(readToken(SECRET, token.slice(0, i)).ok).toBe(false);
      expect(readToken(SECRET, token.slice(0, i) + token.slice(i + 1)).ok).toBe(false);
    }
    expect(readToken(SECRET, `${token}A`).ok).toBe(false);
    expect(readToken('another secret', token).ok).toBe(false);
  });

  it('are refused when made up', () => {
    fc.assert(fc.property(fc.string(), (text) => !readToken(SECRET, text).ok && !readAddressToken(SECRET, text).ok));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 30, maxLength: 30 }),
        (bytes) => !readToken(SECRET, Buffer.from(bytes).toString('base64url')).ok,
      ),
    );
  });

  it('do not pass from one use to another', () => {
    const address = signAddressToken(SECRET, ID);
    expect(address).toMatch(/^[0-9a-z]{48}$/);
    expect(readToken(SECRET, address).ok).toBe(false);
    expect(readAddressToken(SECRET, signToken(SECRET, { kind: 'click', messageId: ID })).ok).toBe(false);
  });

  it('refuse to be made for something that is not a message', () => {
    for (const messageId of ['person_1', 'msg_81arz3ndektsv4rrffq69g5fav', 'msg_01arz3ndektsv4rrffq69g5fau', `${ID}0`])
      expect(() => signToken(SECRET, { kind: 'open', messageId })).toThrow(/not a message id/);
  });
});
