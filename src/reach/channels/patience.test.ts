import { expect, it } from 'vitest';
import { RekindleError } from '../../kernel/errors.ts';
import { isEndless, openPatience } from './patience.ts';

const endless = (): Error =>
  new RekindleError(
    'template_invalid',
    { template: 't', what: 'x' },
    { cause: new Error('template render limit exceeded, line:1') },
  );

it('loses three whole seconds on a template at most, and short looks after that', async () => {
  let atMs = 0;
  const patience = openPatience(() => atMs);
  const allowed: number[] = [];
  const spend = (template: string): Promise<unknown> =>
    patience.spend(template, (msLeft) => {
      const ms = msLeft();
      allowed.push(ms);
      atMs += ms;
      throw endless();
    });
  for (let person = 0; person < 5; person++) await expect(spend('a@1')).rejects.toThrow('Template t');
  // The last two people get two short looks each.
  expect(allowed).toEqual([1_000, 1_000, 1_000, 50, 50, 50, 50]);
  // Another template, or the mended one, begins anew.
  allowed.length = 0;
  await expect(spend('a@2')).rejects.toThrow('Template t');
  expect(allowed).toEqual([1_000]);
});

it('writes whoever can be written on the second look, and counts from when the writing begins', async () => {
  let atMs = 0;
  const patience = openPatience(() => atMs);
  for (let person = 0; person < 3; person++)
    await expect(
      patience.spend('a', (msLeft) => {
        atMs += msLeft();
        throw endless();
      }),
    ).rejects.toThrow('Template t');
  let looks = 0;
  const written = patience.spend('a', (msLeft) => {
    // Reading the template took its time, which is nobody's loop.
    atMs += 10_000;
    expect(msLeft()).toBe(50);
    atMs += 10;
    expect(msLeft()).toBe(40);
    if (++looks === 1) throw endless();
    return Promise.resolve('words');
  });
  expect([await written, looks]).toEqual(['words', 2]);
});

it('tells a loop from other faults of a template', async () => {
  expect(isEndless(endless())).toBe(true);
  expect(isEndless(new Error('memory alloc limit exceeded, line:1'))).toBe(true);
  expect(isEndless(new Error('undefined filter: x'))).toBe(false);
  const patience = openPatience(() => 0);
  let looks = 0;
  const other = patience.spend('a', () => {
    looks++;
    throw new Error('undefined filter: x');
  });
  await expect(other).rejects.toThrow('undefined filter');
  expect(looks).toBe(1);
});
