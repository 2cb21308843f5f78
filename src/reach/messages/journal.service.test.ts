import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal, readJournal, recoverClaims } from './journal.service.ts';
import { planMessages, type Finish } from './ledger.sql.ts';
import { newRecords } from '../../../test/support/records-template.ts';

const NOW = new Date('2026-03-01T10:00:00Z');
const sent = (message_id: string): Finish => ({
  message_id,
  state: 'sent',
  at: NOW,
  provider_id: 'q1',
  code: null,
  detail: '250 ok',
  due_at: null,
});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekindle-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the hand-over journal', () => {
  it('tells the next process what was handed over and what was answered, dates included', () => {
    const path = join(folder, 'handovers.jsonl');
    const first = openJournal(path).journal;
    first.handingOver({ message_id: 'a', attempts: 1 });
    first.finished({ message_id: 'a', attempts: 1 }, sent('a'));
    first.handingOver({ message_id: 'b', attempts: 2 });
    appendFileSync(path, '{"claim":"c/1'); // cut off by the end of the process
    first.close();
    const { journal, left } = openJournal(path);
    journal.close();
    expect([...left]).toEqual([
      ['a/1', sent('a')],
      ['b/2', 'handed_over'],
    ]);
  });

  it('forgets what the ledger has, and nothing while a line of its file is missing there', () => {
    const path = join(folder, 'handovers.jsonl');
    const { journal } = openJournal(path);
    const [a, b] = [
      { message_id: 'a', attempts: 1 },
      { message_id: 'b', attempts: 1 },
    ];
    journal.handingOver(a);
    journal.handingOver(b);
    journal.finished(a, sent('a'));
    journal.recorded([a]);
    expect(readJournal(readFileSync(path, 'utf8')).size).toBe(2);
    journal.recorded([b]);
    expect(readFileSync(path, 'utf8')).toBe('');
    journal.close();
  });

  it('has an outcome on disk when the work of its moment is done, or with the next hand-over', async () => {
    const path = join(folder, 'handovers.jsonl');
    const { journal } = openJournal(path);
    const read = () => [...readJournal(readFileSync(path, 'utf8')).keys()];
    const [a, b] = [
      { message_id: 'a', attempts: 1 },
      { message_id: 'b', attempts: 1 },
    ];
    journal.handingOver(a);
    journal.finished(a, sent('a'));
    journal.handingOver(b);
    expect(readJournal(readFileSync(path, 'utf8'))).toEqual(
      new Map<string, unknown>([
        ['a/1', sent('a')],
        ['b/1', 'handed_over'],
      ]),
    );
    journal.finished(b, sent('b'));
    await new Promise((resolve) => process.nextTick(resolve));
    expect(readJournal(readFileSync(path, 'utf8')).get('b/1')).toEqual(sent('b'));
    journal.recorded([a, b]);
    expect(read()).toEqual([]);
    journal.finished({ message_id: 'c', attempts: 1 }, sent('c'));
    journal.recorded([{ message_id: 'c', attempts: 1 }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(readFileSync(path, 'utf8')).toBe('');
    journal.finished({ message_id: 'd', attempts: 1 }, sent('d'));
    journal.close();
    expect(read()).toEqual(['d/1']);
  });

  it('stays small during a long send, and keeps the lines of a message together across its files', () => {
    const path = join(folder, 'handovers.jsonl');
    const { journal } = openJournal(path);
    const slow = { message_id: 'slow', attempts: 1 };
    journal.handingOver(slow);
    let most = 0;
    for (let i = 0; i < 60_000; i++) {
      const claim = { message_id: `m${i}`, attempts: 1 };
      journal.handingOver(claim);
      journal.finished(claim, sent(`m${i}`));
      journal.recorded([claim]);
      if (i % 5_000 === 0) most = Math.max(most, readdirSync(folder).length);
    }
    expect(most).toBeLessThanOrEqual(2);
    journal.finished(slow, sent('slow'));
    journal.close();
    const reopened = openJournal(path);
    expect(reopened.left.get('slow/1')).toEqual(sent('slow'));
    reopened.settled();
    reopened.journal.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('settles what died in `sending`: heard, handed over, never left, and stopped meanwhile', async () => {
    const records = await newRecords();
    const ids = ['heard', 'handed', 'kept', 'stopped', 'retried'];
    await planMessages(
      records.db,
      ids.map((id) => ({
        message_id: id,
        programme_id: 'p',
        run_id: 'r',
        step: 0,
        person_id: id,
        channel: 'email',
        purpose: 'marketing',
        address: `${id}@mail.example`,
        address_key: id,
        variant: 'a',
        template_id: 't',
        template_version: 1,
        language: 'en',
        grant_id: null,
        content: {},
        priority: 0,
        due_at: NOW,
        expires_at: NOW,
        created_at: NOW,
        cost_cents: 0,
      })),
    );
    await records.db.updateTable('messages').set({ state: 'sending', claimed_at: NOW, attempts: 1 }).execute();
    await records.db.updateTable('messages').set({ attempts: 2 }).where('message_id', '=', 'retried').execute();
    await records.db
      .updateTable('messages')
      .set({ code: 'stop:returned' })
      .where('message_id', '=', 'stopped')
      .execute();
    const left = new Map<string, Finish | 'handed_over'>([
      ['heard/1', sent('heard')],
      ['handed/1', 'handed_over'],
      // An earlier attempt's line says nothing about the second.
      ['retried/1', 'handed_over'],
    ]);
    // Another worker's claims are not ours to give back.
    expect(await recoverClaims(records.db, new Map(), { isOnlySender: false, workers: [], now: NOW })).toMatchObject({
      givenBack: 0,
    });
    expect(await recoverClaims(records.db, left, { isOnlySender: true, workers: [], now: NOW })).toEqual({
      recorded: 1,
      unknown: 1,
      givenBack: 3,
    });
    const rows = await records.db.selectFrom('messages').select(['message_id', 'state', 'code']).execute();
    await records.close();
    expect(Object.fromEntries(rows.map((row) => [row.message_id, `${row.state} ${row.code ?? ''}`.trim()]))).toEqual({
      heard: 'sent',
      handed: 'unknown sender_died',
      kept: 'planned given_back',
      stopped: 'cancelled returned',
      retried: 'planned given_back',
    });
  });
});
