import { describe, expect, it } from 'vitest';
import { RekindleError } from '../../kernel/errors.ts';
import { isRunDue, parseProgramme } from './programme.ts';

const variant = { key: 'a', templateId: 'nostalgic' };
const message = { kind: 'message', channel: 'email', variants: [variant] };
const PROGRAMME = {
  programmeId: 'win-back',
  name: 'Win back',
  audience: { policyId: 'shop', stages: ['dormant'] },
  entry: { mode: 'once' },
  controlShare: 0.1,
  steps: [message],
  goal: { withinDays: 30 },
};
const complaint = (input: unknown): string => {
  try {
    parseProgramme(input);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof RekindleError)) throw error;
    expect(error.code).toBe('invalid');
    return `${error.detailsIn('en')['where']}: ${error.detailsIn('en')['what']}`;
  }
};

describe('programmes', () => {
  it('fills in what may be left out', () => {
    expect(parseProgramme(PROGRAMME)).toEqual({
      ...PROGRAMME,
      audience: { ...PROGRAMME.audience, segment: null },
      steps: [
        {
          ...message,
          purpose: 'marketing',
          validHours: 72,
          costCents: 0,
          variants: [{ ...variant, offerId: null, share: 1 }],
        },
      ],
      exitOnReturn: true,
    });
  });

  it.each([
    ['programme.programmeId', { ...PROGRAMME, programmeId: 'Win Back' }],
    ['programme.controlShare', { ...PROGRAMME, controlShare: 0.91 }],
    ['programme.controlShare', { ...PROGRAMME, controlShare: -0.1 }],
    ['programme.audience.stages', { ...PROGRAMME, audience: { policyId: 'shop', stages: [] } }],
    ['programme.audience.stages.0', { ...PROGRAMME, audience: { policyId: 'shop', stages: ['asleep'] } }],
    ['programme.audience', { ...PROGRAMME, audience: { ...PROGRAMME.audience, surprise: 1 } }],
    ['programme.entry.mode', { ...PROGRAMME, entry: { mode: 'hourly' } }],
    ['programme.entry.everyDays', { ...PROGRAMME, entry: { mode: 'recurring', reentryAfterDays: 30 } }],
    ['programme.steps', { ...PROGRAMME, steps: [] }],
    ['programme.steps.0.kind', { ...PROGRAMME, steps: [{ kind: 'dance' }] }],
    ['programme.steps.0.channel', { ...PROGRAMME, steps: [{ ...message, channel: 'fax' }] }],
    [
      'programme.: a message step has either a channel or a list of channels',
      { ...PROGRAMME, steps: [{ ...message, channels: ['sms'] }] },
    ],
    [
      'programme.: a message step has either a channel or a list of channels',
      { ...PROGRAMME, steps: [{ ...message, channel: undefined }] },
    ],
    [
      'programme.: a channel is listed twice',
      { ...PROGRAMME, steps: [{ ...message, channel: undefined, channels: ['sms', 'sms'] }] },
    ],
    [
      'programme.: a variant has no template for one of its channels',
      {
        ...PROGRAMME,
        steps: [
          {
            kind: 'message',
            channels: ['sms', 'email'],
            variants: [{ key: 'a', templateIds: { sms: 'short' } }],
          },
        ],
      },
    ],
    ['programme.steps.0.variants', { ...PROGRAMME, steps: [{ ...message, variants: [] }] }],
    [
      'programme.steps.0.variants.0.share',
      { ...PROGRAMME, steps: [{ ...message, variants: [{ ...variant, share: 0 }] }] },
    ],
    ['programme.steps.0.validHours', { ...PROGRAMME, steps: [{ ...message, validHours: 0 }] }],
    ['programme.steps.1.days', { ...PROGRAMME, steps: [message, { kind: 'wait', days: 0 }] }],
    ['programme.goal.withinDays', { ...PROGRAMME, goal: { withinDays: 0 } }],
    ['programme.: a programme needs a message step', { ...PROGRAMME, steps: [{ kind: 'wait', days: 1 }] }],
    [
      'programme.: two variants of a step have the same key',
      { ...PROGRAMME, steps: [{ ...message, variants: [variant, variant] }] },
    ],
    ['programme.', 'text'],
  ])('names what is wrong: %s', (where, input) => expect(complaint(input)).toContain(where));

  it.each([
    [{ mode: 'once' } as const, null, true],
    [{ mode: 'once' } as const, 400, false],
    [{ mode: 'recurring', everyDays: 7, reentryAfterDays: 90 } as const, null, true],
    [{ mode: 'recurring', everyDays: 7, reentryAfterDays: 90 } as const, 6, false],
    [{ mode: 'recurring', everyDays: 7, reentryAfterDays: 90 } as const, 7, true],
  ])('knows when a run is due: %j after %j days', (entry, days, due) => expect(isRunDue(entry, days)).toBe(due));
});
