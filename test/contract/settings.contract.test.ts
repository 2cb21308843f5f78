// What somebody saves in one process holds in the others without a restart: mail, texts, accounts and the business profile.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type App } from '../../src/app.ts';
import { configOf } from '../../src/config.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { followSettings } from '../../src/stores/records/followed-settings.ts';
import { writeSetting } from '../../src/stores/records/settings.ts';
import { startClickhouse, type ClickhouseServer } from '../support/clickhouse.ts';
import { postgresAbsent, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';

const SOON = { timeout: 20_000 };

for (const kind of RECORDS_KINDS) {
  describe.skipIf(recordsAbsent[kind] !== '')(`followed settings on ${kind}${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
    }, 60_000);
    afterAll(() => store.close());

    it('tells whoever follows, of that setting and of no other', async () => {
      const told: string[] = [];
      const followed = await followSettings(store.workers[0]!, {
        connection: () => Promise.resolve(void told.push('connection')),
        email: () => Promise.resolve(void told.push('email')),
      });
      await followed.caughtUp();
      told.length = 0;
      const other = store.workers[1]!.db;
      await writeSetting(other, 'nobody-follows', 1);
      await writeSetting(other, 'connection:meta', 1);
      await expect.poll(() => told, SOON).toEqual(['connection']);
      await other.deleteFrom('settings').where('key', '=', 'connection:meta').execute();
      await expect.poll(() => told, SOON).toEqual(['connection', 'connection']);
      await followed.close();
    });

    it('makes up for a telling that failed, and shows its failure to whoever waits', async () => {
      let isBroken = false;
      let told = 0;
      const followed = await followSettings(store.workers[0]!, {
        email: () => {
          told++;
          return isBroken ? Promise.reject(new Error('no connection')) : Promise.resolve();
        },
      });
      await followed.caughtUp();
      isBroken = true;
      const before = told;
      await writeSetting(store.workers[1]!.db, 'email', { some: 'thing' });
      await expect.poll(() => told, SOON).toBeGreaterThan(before);
      await expect(followed.caughtUp()).rejects.toThrow('no connection');
      isBroken = false;
      await followed.caughtUp();
      const after = told;
      await followed.caughtUp();
      expect(told).toBe(after);
      await followed.close();
    });
  });
}

describe.skipIf(postgresAbsent !== '')(`two servers on one PostgreSQL${postgresAbsent}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-settings-'));
  let postgres: PostgresServer;
  let clickhouse: ClickhouseServer;
  const apps: App[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
    clickhouse = await startClickhouse();
    const databaseUrl = await postgres.newDatabase();
    for (const name of ['one', 'two'])
      apps.push(
        await openApp(
          configOf({
            REKINDLE_DATA_DIR: join(folder, name),
            REKINDLE_DATABASE_URL: databaseUrl,
            REKINDLE_CLICKHOUSE_URL: clickhouse.url,
          }),
          systemClock,
        ),
      );
  }, 180_000);
  afterAll(async () => {
    for (const app of apps) await app.close();
    await clickhouse?.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('what is saved in one is gone by in the other: mail, texts, an account, the profile; and forgotten in both', async () => {
    const [one, two] = apps as [App, App];
    expect([two.mail.provider(), two.mailIsPreview(), two.sms.provider()]).toEqual(['smtp', true, 'sink']);
    await one.mail.change({ provider: 'postmark', keySecret: 'a-server-token' });
    await one.sms.change({
      provider: 'twilio',
      keyId: 'AC00000000000000000000000000000000',
      keySecret: 'secret',
      from: '+15550001111',
      signature: '蕨山',
    });
    await one.connections.change('mastodon', { baseUrl: 'https://social.example', accessToken: 'secret' });
    await one.changeBusiness({ brand: '蕨山家居', postalAddress: '上海市静安区南京西路 1 号' });
    await expect
      .poll(
        () => [
          two.mail.provider(),
          two.mailIsPreview(),
          two.sms.provider(),
          two.connections.source('mastodon'),
          two.business.brand,
        ],
        SOON,
      )
      .toEqual(['postmark', false, 'twilio', 'saved', '蕨山家居']);
    // The hook of the provider is open in both: reports come to whichever is asked.
    expect(two.mail.show().hookUrl).toBe(one.mail.show().hookUrl);
    await two.mail.change(null);
    await two.sms.change(null);
    await expect
      .poll(() => [one.mail.provider(), one.mailIsPreview(), one.sms.provider()], SOON)
      .toEqual(['smtp', true, 'sink']);
  });
});
