// One worker of several on a shared store, and nothing else of the product: it starts in its folder, settles what its predecessor left, and
// sends until it is killed or told to stop. Light, because it is started two hundred times.
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { loadBusiness, loadSecrets } from '../../src/collect/business.service.ts';
import { newId } from '../../src/kernel/ids.ts';
import { openPatience } from '../../src/reach/channels/patience.ts';
import { emailChannel } from '../../src/reach/channels/email/email-channel.ts';
import { emailDelivery } from '../../src/reach/channels/email/email-delivery.service.ts';
import { openJournal, recoverClaims } from '../../src/reach/messages/journal.service.ts';
import { openSender } from '../../src/reach/messages/sender.service.ts';
import { rememberWorker } from '../../src/reach/messages/worker.service.ts';
import { compiledTemplates } from '../../src/reach/templates/templates.service.ts';
import { openPostgres } from '../../src/stores/records/postgres.ts';
import { CRASH_RULES } from './send-setup.ts';
import { sleep } from './victim.ts';

const [databaseUrl, dataDir, smtpUrl] = process.argv.slice(2) as [string, string, string];
const now = (): Date => new Date();
const stopping = new AbortController();
process.on('message', () => stopping.abort());
process.on('disconnect', () => process.exit(1));

const records = await openPostgres(databaseUrl);
const { db } = records;
const [business, secrets] = [await loadBusiness(db), await loadSecrets(db)];
const { journal, left, settled } = openJournal(join(dataDir, 'handovers.jsonl'));
const worker = newId('worker', now());
const names = rememberWorker(join(dataDir, 'workers.json'), worker);
await recoverClaims(db, left, { isOnlySender: false, workers: names.earlier, now: now() });
settled();
names.settled();
const delivery = emailDelivery({
  db,
  business,
  templates: compiledTemplates(db),
  patience: openPatience(),
  tokenSecret: secrets.token,
  channel: emailChannel({ smtpUrl, secret: secrets.token, dkimKeys: [] }),
});
const sender = openSender({ records, deliveries: [delivery], rules: CRASH_RULES, journal, worker, now });
process.send?.('ready');
// Whoever is killed has no end at which it would be kept.
flushCompileCache();
while (!stopping.signal.aborted) {
  await sender.sendDue(stopping.signal);
  await sleep(20);
}
await sender.close();
await records.close();
process.exit(0);
