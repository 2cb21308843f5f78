// Must a sign-up be confirmed from the mailbox it names, how often may we ask, and for how long does the link work?
import { z } from 'zod';
import type { RecordsDb } from '../../stores/records/records.ts';
import { readSetting, writeSetting } from '../../stores/records/settings.ts';
import { OWN_MAILS } from './own-mails.ts';

const doubleOptIn = z.strictObject({
  /** Channels on which a sign-up counts only when it is confirmed. The confirmation is a mail. */
  channels: z.array(z.literal('email')).max(1).default([]),
  templateId: z.string().min(1).default(OWN_MAILS.confirmation.templateId),
  validDays: z.number().int().min(1).max(30).default(7),
  /** Who signs up again meanwhile is not mailed again. */
  resendAfterHours: z.number().int().min(1).max(720).default(24),
  /** So many unconfirmed mails to one address within `withinDays`: who does not answer does not want to. */
  mailsMax: z.number().int().min(1).max(10).default(3),
  withinDays: z.number().int().min(1).max(365).default(30),
});

export const consentPolicySchema = z.strictObject({ doubleOptIn: doubleOptIn.prefault({}) });
export type ConsentPolicy = z.output<typeof consentPolicySchema>;

const KEY = 'consent-policy';

export const readConsentPolicy = async (db: RecordsDb): Promise<ConsentPolicy> =>
  consentPolicySchema.parse((await readSetting(db, KEY)) ?? {});

export const saveConsentPolicy = (db: RecordsDb, policy: ConsentPolicy): Promise<void> => writeSetting(db, KEY, policy);
