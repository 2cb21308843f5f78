// Mails that the product sends by itself, each behind a link to a question: may we write to you? They stand in the message ledger as messages of
// programmes whose names nobody can give to a programme of his own. Pure.
import { linkPrefix } from '../pages/signed-link.ts';

export const OWN_MAILS = {
  /** She has just signed up somewhere; only the reader of her mailbox can say that it was she. */
  confirmation: { programmeId: 'rekindle.confirmation', templateId: 'confirm-sign-up', purpose: 'confirmation' },
  /** We stopped writing after a long silence, and ask once whether to go on. */
  re_permission: { programmeId: 'rekindle.re-permission', templateId: 're-permission', purpose: 're_permission' },
} as const;

const IDS: ReadonlySet<string> = new Set(Object.values(OWN_MAILS).map(({ programmeId }) => programmeId));

export const isOwnMail = (programmeId: string): boolean => IDS.has(programmeId);

/** A mail and the question behind its link are made together and share their id. */
export const requestOfMail = (messageId: string): string =>
  `${linkPrefix('consent')}_${messageId.slice(messageId.indexOf('_') + 1)}`;
