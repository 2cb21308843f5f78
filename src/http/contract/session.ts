// What the console asks first: is somebody signed in, as whom, and for which business? And how she signs in and out.
import type { Lang } from '../../kernel/lang.ts';
import type { Permission, Role } from './permissions.ts';

export type BusinessOutline = {
  readonly brand: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly defaultLanguage: Lang;
};

export type Me = {
  /** Null for a program that came with a key. */
  readonly memberId: string | null;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly permissions: readonly Permission[];
};

export type SessionState =
  /** Nobody has an account here yet. */
  | { readonly state: 'new'; readonly needsToken: boolean }
  | { readonly state: 'signed_out'; readonly brand: string; readonly singleSignOn: string | null }
  | { readonly state: 'signed_in'; readonly me: Me; readonly business: BusinessOutline };

/** With the second factor on, the password alone leads to `code_needed`; the same call with a code ends it. */
export type SignInOutcome = { readonly state: 'signed_in' | 'code_needed' };

export type SessionOperations = {
  'GET /session': { readonly answer: SessionState };
  'POST /session': {
    readonly body: { readonly email: string; readonly password: string; readonly code?: string };
    readonly answer: SignInOutcome;
  };
  'DELETE /session': { readonly answer: { readonly state: 'signed_out' } };
};
