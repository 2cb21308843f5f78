import { describe, expect, it } from 'vitest';
import type { PersonStory } from '../../../../src/http/contract/people.ts';
import { timelineOf } from './timeline.ts';

const words = { en: '', zh: '' };
const message = { programme_id: 'p', channel: 'email', variant: 'a', template_id: 't', code: null };

const story: PersonStory = {
  personId: 'ada',
  identity: {
    ids: ['ada'],
    email: null,
    phone: null,
    firstName: null,
    language: null,
    country: null,
    timeZone: null,
    knownSince: null,
    traits: {},
  },
  states: [],
  stageChanges: [
    { policyId: 'shop', changedOn: '2026-03-02', from: 'active', to: 'cooling', toLabel: words, causeLabel: words },
  ],
  reasons: [],
  totals: [],
  leftOut: null,
  eventsBefore: null,
  events: [
    { at: '2026-03-02T18:00:00Z', name: 'Product Viewed', amountCents: 0, currency: '', orderId: '', products: [] },
    {
      at: '2026-03-03T08:00:00Z',
      name: 'Order Completed',
      amountCents: 100,
      currency: 'EUR',
      orderId: '1',
      products: [],
    },
  ],
  recommendations: [],
  contact: [],
  consents: [],
  suppressions: [],
  messages: [
    {
      ...message,
      message_id: 'sent',
      state: 'sent',
      created_at: '2026-03-01T00:00:00Z',
      due_at: '2026-03-01T09:00:00Z',
      sent_at: '2026-03-01T09:02:00Z',
      finished_at: '2026-03-01T09:02:00Z',
    },
    {
      ...message,
      message_id: 'planned',
      state: 'planned',
      created_at: '2026-03-01T00:00:00Z',
      due_at: '2026-03-04T09:00:00Z',
      sent_at: null,
      finished_at: null,
    },
  ],
  grants: [],
  decisions: [
    {
      decision_id: 7,
      programme_id: 'p',
      decided_at: '2026-03-01T08:59:00Z',
      outcome: 'contact',
      codes: [],
      channel: 'email',
      variant: 'a',
      deferred_until: null,
    },
  ],
};

describe('the timeline of a person', () => {
  it('merges by time, the latest first; a planned message stands when it is due, a stage after its day', () => {
    expect(timelineOf(story).map(({ key, at }) => [key, at])).toEqual([
      ['mplanned', '2026-03-04T09:00:00Z'],
      ['e1', '2026-03-03T08:00:00Z'],
      ['s0', '2026-03-02'],
      ['e0', '2026-03-02T18:00:00Z'],
      ['msent', '2026-03-01T09:02:00Z'],
      ['d7', '2026-03-01T08:59:00Z'],
    ]);
  });
});
