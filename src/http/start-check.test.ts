import { describe, expect, it } from 'vitest';
import { parseProgramme } from '../decide/programmes/programme.ts';
import { mails, startCheck, type StartFacts } from './start-check.ts';

const programme = (channel: string) =>
  parseProgramme({
    programmeId: 'pp',
    name: 'P',
    audience: { policyId: 'shop', stages: ['dormant'] },
    entry: { mode: 'once' },
    controlShare: 0.2,
    steps: [{ kind: 'message', channel, variants: [{ key: 'a', templateId: 't', offerId: null, share: 1 }] }],
    goal: { withinDays: 30 },
  });
const facts: StartFacts = {
  unfinished: ['brand', 'publicUrl'],
  providers: { sms: 'sink', in_app: 'inbox' },
  mailIsPreview: false,
  mailIsLocal: false,
  warnings: [],
};

describe('what stands before a start', () => {
  it('keeps mail from leaving while the profile cannot say who writes', () => {
    expect(mails(programme('email'))).toBe(true);
    expect(startCheck(programme('email'), facts)).toEqual({
      missing: ['brand', 'publicUrl'],
      unfinished: [],
      previewed: [],
      unreached: [],
    });
  });

  it('asks for no public address where mail stays on this machine', () => {
    expect(startCheck(programme('email'), { ...facts, mailIsLocal: true }).missing).toEqual(['brand']);
  });

  it('only warns while all mail goes to the preview mailbox', () => {
    expect(startCheck(programme('email'), { ...facts, mailIsPreview: true, mailIsLocal: true })).toEqual({
      missing: [],
      unfinished: ['brand', 'publicUrl'],
      previewed: ['email'],
      unreached: [],
    });
  });

  it('wants no profile of programmes without mail, and names channels that nobody delivers', () => {
    expect(startCheck(programme('sms'), facts)).toEqual({
      missing: [],
      unfinished: [],
      previewed: ['sms'],
      unreached: [],
    });
    expect(startCheck(programme('in_app'), facts)).toEqual({
      missing: [],
      unfinished: [],
      previewed: [],
      unreached: [],
    });
  });

  it('tells whom the rules keep its messages from', () => {
    const warning = { channel: 'sms', en: 'Not reached', zh: '不会收到' };
    const check = (channel: string) => startCheck(programme(channel), { ...facts, warnings: [warning] }).unreached;
    expect(check('sms')).toEqual([{ en: 'Not reached', zh: '不会收到' }]);
    expect(check('email')).toEqual([]);
  });
});
