import { describe, expect, it } from 'vitest';
import { formValues, MAIL_FIELDS, settingsOf, SMS_FIELDS } from './account-fields.ts';

const NONE: ReadonlySet<string> = new Set();

describe('the settings of an account', () => {
  it('are what was typed, without what was left empty', () => {
    const typed = { host: ' mail.shop.example ', port: 587, user: '', keySecret: 'p w', tls: undefined };
    expect(settingsOf(MAIL_FIELDS.smtp, typed, null, NONE)).toEqual({
      host: 'mail.shop.example',
      port: 587,
      keySecret: 'p w',
    });
  });
  it('keep what no field shows, and never hand back the sign that a secret is set', () => {
    const kept = { keySecret: '(set)', token: '(set)', baseUrl: 'https://gateway.example', domain: 'old' };
    expect(settingsOf(MAIL_FIELDS.mailgun, { domain: 'mg.shop.example' }, kept, new Set(['webhookKey']))).toEqual({
      baseUrl: 'https://gateway.example',
      domain: 'mg.shop.example',
      webhookKey: null,
    });
  });
  it('of a gateway of one’s own go into the form and out again unchanged', () => {
    const http = {
      url: 'https://sms.example/send',
      method: 'POST',
      contentType: 'application/json',
      headers: { 'X-Key': '(set)' },
      body: '{"to":"{{to}}","text":"{{text}}"}',
      success: { status: [200, 202], rule: { path: 'code', in: ['0', 'OK'] } },
      idPath: 'data.0.id',
      deferred: ['busy'],
      receipts: { idPath: 'id', statusPath: 'state', delivered: ['DELIVRD'], failed: ['UNDELIV'] },
    };
    const typed = formValues(SMS_FIELDS.http, { http, signature: 'Shop' });
    expect(typed['http.headers']).toBe('X-Key: (set)');
    expect(settingsOf(SMS_FIELDS.http, typed, null, NONE)).toEqual({ http, signature: 'Shop', confirmsStop: false });
  });
});
