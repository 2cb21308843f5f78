// Accounts: setting up, invitations, resets, one's own account, members, the audit log.
import type { Lang } from '../../kernel/lang.ts';
import type { Permission, Role } from './permissions.ts';

type Done = { readonly done: true };

export type Invitation = {
  readonly linkId: string;
  readonly email: string;
  readonly role: Role | null;
  readonly createdAt: string;
  readonly expiresAt: string;
};

export type MemberRow = {
  readonly memberId: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly hasSecondFactor: boolean;
  readonly createdAt: string;
  readonly seenAt: string | null;
};

export type SessionRow = {
  readonly sessionId: string;
  readonly userAgent: string;
  readonly address: string;
  readonly createdAt: string;
  readonly seenAt: string;
  readonly isThis: boolean;
};

/** What became of a letter: on its way, kept in the preview mailbox and nowhere else, or refused by whoever should take it. */
export type LetterFate = 'sent' | 'preview' | 'refused';

export type AuditRow = {
  readonly entryId: number;
  readonly at: string;
  readonly actorKind: 'member' | 'key' | 'nobody';
  readonly actorId: string;
  readonly actorName: string;
  /** The operation: `PATCH /business`. */
  readonly action: string;
  readonly subject: unknown;
  readonly before: unknown;
  readonly after: unknown;
};

export type KeyRow = {
  readonly keyId: string;
  readonly kind: 'write' | 'secret';
  readonly label: string;
  readonly createdAt: string;
  readonly revokedAt: string | null;
  readonly expiresAt: string | null;
  /** Null: everything. */
  readonly scopes: readonly Permission[] | null;
};

export type AccountOperations = {
  'POST /setup': {
    readonly body: {
      readonly name: string;
      readonly email: string;
      readonly password: string;
      readonly language: Lang;
      /** Where others can reach the server: what its terminal shows. */
      readonly token?: string;
    };
    readonly answer: Done;
  };
  'POST /session/link': { readonly body: { readonly token: string }; readonly answer: Done };
  'POST /session/single-sign-on': { readonly answer: { readonly url: string } };
  'POST /invitations/look': {
    readonly body: { readonly token: string };
    readonly answer: { readonly email: string; readonly role: Role; readonly brand: string };
  };
  'POST /invitations/accept': {
    readonly body: { readonly token: string; readonly name: string; readonly password: string };
    readonly answer: Done;
  };
  'POST /password/forgotten': {
    readonly body: { readonly email: string; readonly language: Lang };
    readonly answer: Done;
  };
  'POST /password/reset': {
    readonly body: { readonly token: string; readonly password: string };
    readonly answer: Done;
  };
  'GET /account': {
    readonly answer: {
      readonly name: string;
      readonly email: string;
      readonly role: Role;
      readonly hasSecondFactor: boolean;
      readonly sessions: readonly SessionRow[];
    };
  };
  'POST /account/password': {
    readonly body: { readonly currentPassword: string; readonly newPassword: string };
    readonly answer: Done;
  };
  'POST /account/second-factor': {
    readonly body: { readonly password: string };
    readonly answer: { readonly uri: string; readonly backupCodes: readonly string[] };
  };
  'POST /account/second-factor/confirm': { readonly body: { readonly code: string }; readonly answer: Done };
  'POST /account/second-factor/end': { readonly body: { readonly password: string }; readonly answer: Done };
  'DELETE /account/sessions/{sessionId}': {
    readonly params: { readonly sessionId: string };
    readonly answer: { readonly ended: number };
  };
  'DELETE /account/sessions': { readonly answer: { readonly ended: number } };
  'GET /members': {
    readonly answer: { readonly members: readonly MemberRow[]; readonly invitations: readonly Invitation[] };
  };
  'POST /members/invitations': {
    readonly body: { readonly email: string; readonly role: Role; readonly language: Lang };
    readonly answer: { readonly linkId: string; readonly link: string; readonly mailed: LetterFate };
  };
  'DELETE /members/invitations/{linkId}': { readonly params: { readonly linkId: string }; readonly answer: Done };
  'PATCH /members/{memberId}': {
    readonly params: { readonly memberId: string };
    readonly body: { readonly role: Role };
    readonly answer: Done;
  };
  'DELETE /members/{memberId}': { readonly params: { readonly memberId: string }; readonly answer: Done };
  'POST /members/{memberId}/reset': {
    readonly params: { readonly memberId: string };
    readonly body: { readonly language: Lang };
    readonly answer: { readonly link: string; readonly mailed: LetterFate };
  };
  'GET /audit': {
    readonly query: { readonly beforeId?: number; readonly actorId?: string; readonly limit?: number };
    readonly answer: { readonly entries: readonly AuditRow[] };
  };
  'GET /keys': { readonly answer: { readonly keys: readonly KeyRow[] } };
  'POST /keys': {
    readonly body: {
      readonly kind: 'write' | 'secret';
      readonly label: string;
      readonly scopes?: readonly Permission[];
      readonly expiresInDays?: number;
    };
    readonly answer: { readonly keyId: string; readonly key: string };
  };
  'DELETE /keys/{keyId}': {
    readonly params: { readonly keyId: string };
    readonly answer: { readonly keyId: string; readonly revoked: boolean };
  };
};
