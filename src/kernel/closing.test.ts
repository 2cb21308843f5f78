import { expect, it } from 'vitest';
import { closeAll } from './closing.ts';

it('closes everything in order, and throws the first failure when all have had their turn', async () => {
  const closed: string[] = [];
  const closing = closeAll([
    async () => closed.push('a'),
    () => Promise.reject(new Error('b is stuck')),
    () => {
      throw new Error('c is stuck');
    },
    () => closed.push('d'),
  ]);
  await expect(closing).rejects.toThrow('b is stuck');
  expect(closed).toEqual(['a', 'd']);
  await expect(closeAll([() => undefined])).resolves.toBeUndefined();
});
