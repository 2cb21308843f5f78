// Who is signed in, asked once; everything inside may rely on it.
import { createContext, use, type ReactNode } from 'react';
import type { Permission } from '../../../src/http/contract/permissions.ts';
import type { BusinessOutline, Me, SessionState } from '../../../src/http/contract/session.ts';

export type SignedIn = Extract<SessionState, { state: 'signed_in' }>;
const SessionContext = createContext<SignedIn | undefined>(undefined);

export function SessionProvider({ session, children }: { readonly session: SignedIn; readonly children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

function useSession(): SignedIn {
  const session = use(SessionContext);
  if (session === undefined) throw new Error('nobody is signed in here');
  return session;
}

export const useMe = (): Me => useSession().me;
export const useBusiness = (): BusinessOutline => useSession().business;

/** `may('programmes.write')`: whether to offer what the server would refuse. */
export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}
