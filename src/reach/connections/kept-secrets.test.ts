import { describe, expect, it } from 'vitest';
import { secretDatesOf, withKeptSecrets } from './kept-secrets.ts';

const SECRETS = new Set(['keySecret', 'token']);
const BEFORE = { keyId: 'a', keySecret: 's3cret', token: 'tok' };
const FIRST = new Date('2026-01-01T00:00:00Z');
const LATER = new Date('2026-02-01T00:00:00Z');

describe('secrets of settings', () => {
  it('stay where the new settings are silent, or hand back what was shown', () => {
    expect(withKeptSecrets({ keyId: 'b' }, BEFORE, SECRETS)).toEqual({ keyId: 'b', keySecret: 's3cret', token: 'tok' });
    expect(withKeptSecrets({ keyId: 'b', keySecret: '(set)', token: '(set)' }, BEFORE, SECRETS)).toEqual({
      keyId: 'b',
      keySecret: 's3cret',
      token: 'tok',
    });
  });
  it('are replaced by new ones, and taken away by null', () => {
    expect(withKeptSecrets({ keySecret: 'new', token: null }, BEFORE, SECRETS)).toEqual({ keySecret: 'new' });
  });
  it('are not invented where there were none', () => {
    expect(withKeptSecrets({ keyId: 'b', keySecret: '(set)' }, undefined, SECRETS)).toEqual({ keyId: 'b' });
    expect(withKeptSecrets('text', BEFORE, SECRETS)).toBe('text');
  });
  it('have the day on which they took their value', () => {
    const first = secretDatesOf(BEFORE, undefined, {}, SECRETS, FIRST);
    expect(first).toEqual({ keySecret: FIRST.toISOString(), token: FIRST.toISOString() });
    const after = { ...BEFORE, keyId: 'b', keySecret: 'new' };
    expect(secretDatesOf(after, BEFORE, first, SECRETS, LATER)).toEqual({
      keySecret: LATER.toISOString(),
      token: FIRST.toISOString(),
    });
    expect(secretDatesOf({ keyId: 'b' }, after, first, SECRETS, LATER)).toEqual({});
  });
});
