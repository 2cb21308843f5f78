// What a marketer would have set up in this shop: profile, policy, templates, a coupon and one programme. Uses the product's own services.
import { recordConsents, type ConsentEntry } from '../reach/consent/consent.service.ts';
import { STARTER_TEMPLATES } from '../reach/templates/starter-library.ts';
import { saveTemplate } from '../reach/templates/templates.service.ts';
import { createOffer } from '../decide/offers/grants.sql.ts';
import { createProgramme, moveProgramme } from '../decide/programmes/programmes.service.ts';
import { occurringEvents, savePolicy } from '../understand/dormancy/policy.service.ts';
import { presetFor } from '../understand/dormancy/presets.ts';
import type { App } from '../app.ts';
import type { Business } from '../kernel/business.ts';
import type { Person } from './world/people.ts';

export const DEMO_BUSINESS: Partial<Business> = {
  brand: 'Fernhill Home',
  postalAddress: '12 Orchard Lane, Bristol BS1 4ST, United Kingdom',
  timeZone: 'UTC',
  currency: 'USD',
  defaultLanguage: 'en',
  fromAddress: 'hello@fernhill.example',
  globalControlBuckets: 200,
  marginShare: 0.4,
};

export const DEMO_PROGRAMME = 'come-back-to-fernhill';
export const DEMO_COUPON_PERCENT = 20;

/** What the shop's own records say about consent, carried over with its date. */
export async function importConsents(app: App, people: readonly Person[]): Promise<void> {
  const entries = people.flatMap((person): ConsentEntry[] => {
    const { consent } = person;
    if (consent.status === 'never') return [];
    const base = {
      personId: person.id,
      channel: 'email',
      purpose: 'marketing',
      basis: 'express',
      textVersion: 'newsletter-2023',
      source: 'shop records',
      proof: { form: 'checkout' },
      expiresAt: null,
    } as const;
    const given: ConsentEntry = { ...base, status: 'granted', decidedAt: consent.givenAt };
    return consent.status === 'given'
      ? [given]
      : [given, { ...base, status: 'withdrawn', decidedAt: consent.withdrawnAt }];
  });
  await recordConsents(app.records.db, entries);
}

/** The starter mails, as they come. */
export async function setUpTemplates(app: App): Promise<void> {
  for (const template of STARTER_TEMPLATES) await saveTemplate(app.records.db, template, app.clock.now());
}

/** Policy, coupon and a running programme of eight weeks. */
export async function setUpShop(app: App): Promise<void> {
  const now = app.clock.now();
  const { records, events } = app;
  await savePolicy({ events, records }, presetFor('shop', await occurringEvents(events)), now);
  await createOffer(
    records.db,
    {
      offerId: 'welcome-back-20',
      name: 'Welcome back, 20% off',
      terms: {
        kind: 'coupon',
        percentOff: DEMO_COUPON_PERCENT,
        maxDiscountCents: 6_000,
        validDays: 30,
        codePrefix: 'FERN',
      },
      budgetCents: 20_000_000,
      capacity: 5_000,
      perPersonLimit: 2,
    },
    now,
  );
  const variants = [
    { key: 'nostalgic', templateId: 'nostalgic', share: 1 },
    { key: 'question', templateId: 'question', share: 1 },
    { key: 'offer', templateId: 'offer', offerId: 'welcome-back-20', share: 1 },
  ];
  const message = { kind: 'message', channel: 'email', costCents: 1, variants };
  await createProgramme(
    app.programmes,
    {
      programmeId: DEMO_PROGRAMME,
      name: 'Come back to Fernhill',
      audience: { policyId: 'shop', stages: ['dormant', 'lost', 'relapsed'] },
      entry: { mode: 'once' },
      controlShare: 0.2,
      steps: [message, { kind: 'wait', days: 14 }, message],
      goal: { withinDays: 56 },
    },
    now,
  );
  await moveProgramme(records, DEMO_PROGRAMME, 'start', now);
  app.returns.refresh();
}
