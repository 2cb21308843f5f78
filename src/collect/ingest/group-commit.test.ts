import { describe, expect, it } from 'vitest';
import { groupCommit, type GroupCommit } from './group-commit.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function recorder(
  write: (groups: readonly (readonly number[])[]) => Promise<void>,
  limits: Pick<Parameters<typeof groupCommit<number, number>>[0], 'itemsPerWriteMax' | 'waitingMax' | 'delay'> = {
    itemsPerWriteMax: 10,
    waitingMax: 1_000,
  },
) {
  const writes: number[][] = [];
  let running = 0;
  const commit: GroupCommit<number, number> = groupCommit({
    ...limits,
    sizeOf: (item) => item,
    write: async (groups) => {
      running++;
      expect(running).toBe(1);
      writes.push(groups.flat());
      try {
        await write(groups);
      } finally {
        running--;
      }
      return groups.map((group) => group.reduce((sum, item) => sum + item, 0));
    },
  });
  return { commit, writes };
}

describe('group commit', () => {
  it('writes what came together at once, and gives each its own result', async () => {
    const { commit, writes } = recorder(() => wait(5));
    const results = await Promise.all([commit.submit([1]), commit.submit([2, 3]), commit.submit([])]);
    expect(results).toEqual([1, 5, 0]);
    expect(writes).toEqual([[1, 2, 3]]);
  });

  it('runs one write at a time; what arrives meanwhile shares the next', async () => {
    const { commit, writes } = recorder(() => wait(20));
    const first = commit.submit([1]);
    await wait(5);
    const later = [commit.submit([2]), commit.submit([3])];
    await Promise.all([first, ...later]);
    expect(writes).toEqual([[1], [2, 3]]);
  });

  it('keeps every write within its limit, in order, and lets one oversized submission through alone', async () => {
    const { commit, writes } = recorder(() => Promise.resolve());
    await Promise.all([[4], [4], [4], [50], [1]].map((items) => commit.submit(items)));
    expect(writes).toEqual([[4, 4], [4], [50], [1]]);
  });

  it('fails a write’s own submissions with its error and goes on with the next', async () => {
    let count = 0;
    const cause = new Error('disk');
    const { commit, writes } = recorder(() => (count++ === 0 ? Promise.reject(cause) : Promise.resolve()), {
      itemsPerWriteMax: 2,
      waitingMax: 100,
    });
    const settled = await Promise.allSettled([commit.submit([1]), commit.submit([1]), commit.submit([2])]);
    expect(settled.map((entry) => (entry.status === 'rejected' ? entry.reason : entry.value))).toEqual([
      cause,
      cause,
      2,
    ]);
    expect(writes).toEqual([[1, 1], [2]]);
    expect(await commit.submit([7])).toBe(7);
  });

  it('refuses with `busy` what would wait beyond the limit, and takes more once some are written', async () => {
    const { commit } = recorder(() => wait(5), { itemsPerWriteMax: 10, waitingMax: 10 });
    const first = commit.submit([6]);
    await expect(commit.submit([5])).rejects.toMatchObject({ code: 'busy', status: 429 });
    await first;
    expect(await commit.submit([5])).toBe(5);
  });

  it('is drained when nothing waits or runs', async () => {
    const { commit, writes } = recorder(() => wait(5));
    await commit.drained();
    void commit.submit([10]);
    void commit.submit([10]);
    await commit.drained();
    expect(writes).toEqual([[10], [10]]);
  });

  describe('where small writes wait for each other', () => {
    /** Nothing that is waited for in full would end within a test. */
    const never = { everyMs: 600_000, quietMs: 600_000, large: 50 };
    const limits = (delay: Partial<typeof never>) => ({
      itemsPerWriteMax: 1_000,
      waitingMax: 10_000,
      delay: { ...never, ...delay },
    });
    const together = (commit: GroupCommit<number, number>) => Promise.all([commit.submit([1]), commit.submit([2])]);

    it('never has one sender wait', async () => {
      const { commit, writes } = recorder(() => Promise.resolve(), limits({}));
      for (const item of [1, 2, 3]) await commit.submit([item]);
      expect(writes).toEqual([[1], [2], [3]]);
    });

    it('gathers what comes after a write that several shared, until its turn', async () => {
      const { commit, writes } = recorder(() => Promise.resolve(), limits({ everyMs: 300 }));
      const startedMs = performance.now();
      await together(commit);
      await Promise.all([commit.submit([3]), wait(5).then(() => commit.submit([4]))]);
      expect(writes).toEqual([
        [1, 2],
        [3, 4],
      ]);
      expect(performance.now() - startedMs).toBeGreaterThan(290);
    });

    it('does not wait for senders who wait for their answers', async () => {
      const { commit, writes } = recorder(() => Promise.resolve(), limits({ quietMs: 10 }));
      await together(commit);
      await together(commit);
      expect(writes).toEqual([
        [1, 2],
        [1, 2],
      ]);
    });

    it('writes at once when much waits', async () => {
      const { commit, writes } = recorder(() => Promise.resolve(), limits({}));
      await together(commit);
      await Promise.all([commit.submit([3]), wait(5).then(() => commit.submit([50]))]);
      expect(writes).toEqual([
        [1, 2],
        [3, 50],
      ]);
    });

    it('writes at once what waits when it is drained', async () => {
      const { commit, writes } = recorder(() => Promise.resolve(), limits({}));
      await together(commit);
      const last = commit.submit([3]);
      await wait(5);
      await commit.drained();
      await last;
      expect(writes).toEqual([[1, 2], [3]]);
    });
  });
});
