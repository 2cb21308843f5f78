// Who is calling, as far as an operation needs to know.
import type { Permission, Role } from '../contract/permissions.ts';

export type Caller =
  | { readonly kind: 'nobody' }
  /** A program with a key, or this machine's owner with the secret of the data folder. */
  | { readonly kind: 'key'; readonly keyId: string; readonly permissions: readonly Permission[] }
  | {
      readonly kind: 'member';
      readonly memberId: string;
      readonly name: string;
      readonly email: string;
      readonly role: Role;
      readonly permissions: readonly Permission[];
    };

export const holds = (caller: Caller, permission: Permission): boolean =>
  caller.kind !== 'nobody' && caller.permissions.includes(permission);
