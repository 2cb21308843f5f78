import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrateRecords } from '../../stores/records/migrations.ts';
import { openPglite } from '../../stores/records/pglite.ts';
import { openJournal, readJournal, recoverClaims } from './journal.service.ts';
import { planMessages, type Finish } from './ledger.sql.ts';

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
    first.begin();
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

  it('forgets a batch when the ledger has it, and not while another is on the wire', () => {
    const path = join(folder, 'handovers.jsonl');
    const { journal } = openJournal(path);
    const one = journal.begin();
    const two = journal.begin();
    journal.handingOver({ message_id: 'a', attempts: 1 });
    one();
    expect(readJournal(readFileSync(path, 'utf8')).size).toBe(1);
    two();
    expect(readFileSync(path, 'utf8')).toBe('');
    journal.close();
  });

  it('settles what died in `sending`: heard, handed over, never left, and stopped meanwhile', async () => {
    const records = await openPglite('memory://');
    await migrateRecords(records.db);
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
    expect(await recoverClaims(records.db, new Map(), { isOnlySender: false, now: NOW })).toMatchObject({
      givenBack: 0,
    });
    expect(await recoverClaims(records.db, left, { isOnlySender: true, now: NOW })).toEqual({
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
