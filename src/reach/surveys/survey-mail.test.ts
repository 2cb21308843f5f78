// A mail carries the question while a wave is open: one untracked link per answer, and the person is remembered as asked.
import PostalMime from 'postal-mime';
import { expect, it } from 'vitest';
import { closeWave, listWaves, openWave } from '../../understand/surveys/surveys.service.ts';
import { newId } from '../../kernel/ids.ts';
import type { Business } from '../../kernel/business.ts';
import { newRecords } from '../../../test/support/records-template.ts';
import { emailChannel } from '../channels/email/email-channel.ts';
import { openPatience } from '../channels/patience.ts';
import { emailDelivery } from '../channels/email/email-delivery.service.ts';
import { startMailSink, type SunkMail } from '../channels/email/sink.ts';
import { STARTER_TEMPLATES } from '../templates/starter-library.ts';
import { compiledTemplates, saveTemplate } from '../templates/templates.service.ts';

const SECRET = 'a secret for tests';
const OPENED = new Date('2026-05-01T00:00:00Z');
const NOW = new Date('2026-05-02T00:00:00Z');
const BUSINESS: Business = {
  brand: 'Fernhill',
  postalAddress: '12 Orchard Lane, Bristol',
  websiteUrl: 'https://fernhill.example',
  timeZone: 'UTC',
  currency: 'USD',
  rates: [],
  defaultLanguage: 'en',
  fromAddress: 'hello@fernhill.example',
  publicUrl: 'https://m.fernhill.example',
  globalControlBuckets: 0,
  marginShare: 0.4,
};
const readable = async (mail: SunkMail): Promise<string> => {
  const { html = '', text = '' } = await PostalMime.parse(mail.raw);
  return `${html}\n${text}`;
};

it('asks by one link per answer while the wave is open, and not after', async () => {
  const records = await newRecords();
  const mails: SunkMail[] = [];
  const sink = await startMailSink({ onMail: (mail) => void mails.push(mail) });
  try {
    for (const template of STARTER_TEMPLATES) await saveTemplate(records.db, template, OPENED);
    await openWave(records.db, { surveyId: 'spring', kind: 'reason', name: 'Spring' }, OPENED);
    const delivery = emailDelivery({
      db: records.db,
      business: BUSINESS,
      templates: compiledTemplates(records.db),
      patience: openPatience(),
      channel: emailChannel({ smtpUrl: sink.url, secret: SECRET, dkimKeys: [] }),
      tokenSecret: SECRET,
    });
    const send = async (templateId: string, personId: string, at: Date): Promise<string> => {
      const message = {
        message_id: newId('msg', at),
        programme_id: 'p',
        person_id: personId,
        channel: 'email',
        address: `${personId}@example.com`,
        address_key: personId,
        variant: templateId,
        template_id: templateId,
        template_version: 1,
        language: 'en',
        attempts: 0,
        deferrals: 0,
        first_name: 'Ann',
        traits: {},
        time_zone: null,
        wants_generic: false,
        expires_at: NOW,
        content: {},
      };
      // Links refer to the ledger's row.
      await records.db
        .insertInto('messages')
        .values({
          message_id: message.message_id,
          programme_id: 'p',
          run_id: message.message_id,
          step: 0,
          person_id: personId,
          channel: 'email',
          purpose: 'marketing',
          address: message.address,
          address_key: personId,
          variant: templateId,
          template_id: templateId,
          template_version: 1,
          language: 'en',
          grant_id: null,
          state: 'sending',
          due_at: at,
          expires_at: at,
          claimed_by: null,
          claimed_at: at,
          sent_at: null,
          provider_id: null,
          code: null,
          detail: null,
          created_at: at,
          finished_at: null,
        })
        .execute();
      const [prepared] = await delivery.prepare([message], at);
      expect(await prepared!.send(() => Promise.resolve(true))).toMatchObject({ kind: 'sent' });
      return readable(mails.at(-1)!);
    };
    const asked = await send('question', 'ann', NOW);
    // The question itself (the button) and seven answers, each in the HTML and in the text part.
    expect(new Set(asked.match(/https:\/\/m\.fernhill\.example\/s\/[\w-]{40}/g)).size).toBe(8);
    expect(asked).toContain('Too many messages');
    await send('nostalgic', 'ben', NOW);
    expect(await listWaves(records.db)).toMatchObject([{ surveyId: 'spring', invited: 1, answered: 0 }]);
    const tracked = await records.db.selectFrom('message_links').select('url').execute();
    expect(tracked.filter(({ url }) => url.includes('/s/'))).toEqual([]);

    await closeWave(records.db, 'spring', NOW);
    const after = await send('question', 'cat', new Date(NOW.getTime() + 1000));
    expect(after).not.toContain('/s/');
    expect(after).not.toContain('Too many messages');
    expect(await listWaves(records.db)).toMatchObject([{ invited: 1 }]);
    await delivery.close();
  } finally {
    await sink.close();
    await records.close();
  }
});
