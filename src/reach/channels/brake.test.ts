// When a way out is left alone, and what opens it again.
import { describe, expect, it } from 'vitest';
import { OPEN, braked, type BrakeRules, type BrakeState } from './brake.ts';
import { brakedChannel } from './braked-channel.ts';
import type { Channel, SendOutcome } from './channel.ts';

const SENT: SendOutcome = { kind: 'sent', providerId: 'p', response: '' };
const SILENT: SendOutcome = { kind: 'unknown', detail: 'no answer' };
const refused = (fault: 'account' | 'sender' | 'address' | 'content'): SendOutcome => ({
  kind: 'rejected',
  class: fault,
  permanent: false,
  code: `bad_${fault}`,
  detail: 'no',
});
const after = (outcomes: readonly SendOutcome[], rules?: BrakeRules, from: BrakeState = OPEN): BrakeState =>
  outcomes.reduce((state, outcome) => braked(state, outcome, 0, rules), from);
const times = (n: number, outcome: SendOutcome): SendOutcome[] => Array.from({ length: n }, () => outcome);
const MINUTE_MS = 60_000;

describe('the rule', () => {
  it.each([
    ['an account that is refused, at once', [refused('account')], 'bad_account'],
    ['ten in a row that nobody answered', times(10, SILENT), 'no_answer'],
    ['ten in a row refused for the sender’s sake', times(10, refused('sender')), 'bad_sender'],
  ] as const)('closes for %s', (_what, outcomes, code) => {
    expect(after(outcomes).closed).toMatchObject({ code, untilMs: MINUTE_MS });
  });

  it.each([
    ['nine silences', times(9, SILENT)],
    ['silences between which one was taken', [...times(9, SILENT), SENT, ...times(9, SILENT)]],
    ['silences between which somebody’s content was refused', [...times(9, SILENT), refused('content'), SILENT]],
    [
      'refusals between which an address was looked at',
      [...times(9, refused('sender')), refused('address'), refused('sender')],
    ],
    ['no connection, which costs no message', times(50, { kind: 'unavailable', detail: 'refused' })],
    ['a number that had enough today', times(50, { kind: 'deferred', code: 'x', detail: '' })],
  ] as const)('stays open after %s', (_what, outcomes) => {
    expect(after(outcomes).closed).toBeUndefined();
  });

  it('leaves refusals of the sender to whoever guards them', () => {
    expect(after(times(50, refused('sender')), { guarded: true }).closed).toBeUndefined();
    expect(after([refused('account')], { guarded: true }).closed).toBeDefined();
  });

  it('waits as long as it is told when it is too fast, five seconds otherwise, and not longer each time', () => {
    const slower: SendOutcome = { kind: 'deferred', of: 'account', code: 'http_429', detail: '' };
    expect(after([{ ...slower, retryAfterSeconds: 90 }]).closed?.untilMs).toBe(90_000);
    expect(after([{ ...slower, retryAfterSeconds: 30 * 86_400 }]).closed?.untilMs).toBe(86_400_000);
    const once = after([slower]);
    expect(once.closed?.untilMs).toBe(5_000);
    expect(braked(once, slower, 5_000).closed?.untilMs).toBe(10_000);
  });

  it('waits twice as long each time it is still so, up to a quarter of an hour, and not at all once one was taken', () => {
    let state = OPEN;
    let nowMs = 0;
    const waits: number[] = [];
    for (let time = 0; time < 6; time++) {
      state = braked(state, refused('account'), nowMs);
      waits.push((state.closed!.untilMs - nowMs) / MINUTE_MS);
      nowMs = state.closed!.untilMs;
    }
    expect(waits).toEqual([1, 2, 4, 8, 15, 15]);
    expect(braked(state, SENT, nowMs)).toEqual(OPEN);
  });

  it('hears nothing new in what was on its way when it closed, and closes for one silence when it was a trial', () => {
    const closed = after([refused('account')]);
    expect(after([refused('account'), SILENT], {}, closed)).toEqual(closed);
    expect(braked(closed, SILENT, MINUTE_MS).closed).toMatchObject({ code: 'no_answer', untilMs: 3 * MINUTE_MS });
  });
});

describe('a channel behind it', () => {
  const gate = (): Promise<boolean> => Promise.resolve(true);
  const at = { ms: 0 };
  const opened = (answer: () => SendOutcome | Promise<SendOutcome>) => {
    at.ms = 0;
    let asked = 0;
    const channel: Channel<string> = {
      key: 'sms',
      send: async () => {
        asked++;
        return answer();
      },
      close: () => Promise.resolve(),
    };
    return {
      channel: brakedChannel(channel, { now: () => new Date(at.ms) }),
      asked: () => asked,
    };
  };

  it('touches nothing while it is closed, says why, and tries one when the time is over', async () => {
    let outcome: SendOutcome = refused('account');
    const { channel, asked } = opened(() => outcome);
    expect(await channel.send('a', undefined, gate)).toEqual(outcome);
    expect(channel.closed?.()).toEqual({ until: new Date(MINUTE_MS), code: 'bad_account', detail: 'no' });
    at.ms = 30_500;
    expect(await channel.send('b', undefined, gate)).toEqual({
      kind: 'unavailable',
      code: 'closed:bad_account',
      detail: 'no',
      retryAfterSeconds: 30,
    });
    expect(asked()).toBe(1);
    at.ms = MINUTE_MS;
    expect(channel.closed?.()).toBeUndefined();
    const still = await Promise.all(['c', 'd', 'e'].map((each) => channel.send(each, undefined, gate)));
    expect(still.map(({ kind }) => kind)).toEqual(['rejected', 'unavailable', 'unavailable']);
    expect(asked()).toBe(2);
    at.ms = 3 * MINUTE_MS;
    outcome = SENT;
    const mended = await Promise.all(['c', 'd', 'e'].map((each) => channel.send(each, undefined, gate)));
    expect(mended.map(({ kind }) => kind)).toEqual(['sent', 'sent', 'sent']);
    expect(asked()).toBe(5);
  });

  it('lets somebody’s test through in any case, and one that was taken opens the way', async () => {
    let outcome: SendOutcome = refused('account');
    const { channel } = opened(() => outcome);
    await channel.send('a', undefined, gate);
    expect(await channel.send('test')).toEqual(refused('account'));
    expect(channel.closed?.()).toMatchObject({ until: new Date(MINUTE_MS) });
    outcome = SENT;
    expect(await channel.send('test')).toEqual(SENT);
    expect(channel.closed?.()).toBeUndefined();
    expect(await channel.send('b', undefined, gate)).toEqual(SENT);
  });

  it('goes on to the next when a trial breaks', async () => {
    let breaks = false;
    const { channel } = opened(() => {
      if (breaks) throw new Error('the journal is full');
      return refused('account');
    });
    await channel.send('a', undefined, gate);
    at.ms = MINUTE_MS;
    breaks = true;
    await expect(channel.send('b', undefined, gate)).rejects.toThrow('the journal is full');
    breaks = false;
    expect(await channel.send('c', undefined, gate)).toMatchObject({ kind: 'rejected' });
  });
});
