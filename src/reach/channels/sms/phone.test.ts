import { describe, expect, it } from 'vitest';
import { smsNumber } from './phone.ts';

describe('a number to text', () => {
  it.each([
    ['+8613800138000', {}, { e164: '+8613800138000', country: 'CN', national: '13800138000' }],
    ['138 0013 8000', { homeCountry: 'cn' }, { e164: '+8613800138000', country: 'CN' }],
    ['＋８６ １３８００１３８０００', {}, { e164: '+8613800138000' }],
    ['0044 7400 123456', {}, { e164: '+447400123456', country: 'GB' }],
    ['(415) 555-2671', { homeCountry: 'US' }, { e164: '+14155552671', country: 'US' }],
  ])('reads %s', (text, options, wanted) => {
    expect(smsNumber(text, options)).toMatchObject({ ok: true, value: wanted });
  });

  it.each([
    ['13800138000', {}, 'not_a_number'],
    ['+86138001380', {}, 'not_a_number'],
    ['call me', {}, 'not_a_number'],
    ['', {}, 'not_a_number'],
    ['+862112345678', {}, 'not_mobile'],
    ['+14155552671', { countries: ['CN'] }, 'wrong_country'],
    // A name that is no country helps nobody.
    ['13800138000', { homeCountry: 'ZZ' }, 'not_a_number'],
  ])('refuses %s', (text, options, error) => {
    expect(smsNumber(text, options)).toEqual({ ok: false, error });
  });
});
