// One editor at a time, on both records adapters: what is read under a key is still so when it is written, whichever process writes.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exclusively } from '../../src/stores/records/locks.ts';
import { readSetting, writeSetting } from '../../src/stores/records/settings.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';

const TURNS = 40;

describe.each(RECORDS_KINDS)('exclusively on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`the lock${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    });
    afterAll(() => store.close());

    /** Reads, thinks, writes: loses a turn whenever somebody else comes in between. */
    const addOne = async (at: number): Promise<void> => {
      const records = store.workers[at % store.workers.length]!;
      const count = Number((await readSetting(records.db, 'count')) ?? 0);
      await sleep(at % 3);
      await writeSetting(records.db, 'count', count + 1);
    };
    const turns = Array.from({ length: TURNS }, (_, at) => at);

    it('loses no turn of many workers, more than a pool has connections', async () => {
      await writeSetting(store.records.db, 'count', 0);
      await Promise.all(
        turns.map((at) => exclusively(store.workers[at % store.workers.length]!, 'count', () => addOne(at))),
      );
      expect(await readSetting(store.records.db, 'count')).toBe(TURNS);
    });

    it('would lose some without it', async () => {
      await writeSetting(store.records.db, 'count', 0);
      await Promise.all(turns.map(addOne));
      expect(await readSetting(store.records.db, 'count')).toBeLessThan(TURNS);
    });

    it('goes on after work that failed, and hands the failure to whoever asked', async () => {
      const failed = exclusively(store.records, 'count', () => Promise.reject(new Error('no')));
      const next = exclusively(store.records, 'count', () => Promise.resolve('done'));
      await expect(failed).rejects.toThrow('no');
      expect(await next).toBe('done');
    });
  });
});
