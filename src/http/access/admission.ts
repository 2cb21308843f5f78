// Who calls, and may she? Asked the same way for every operation and page that is not for everybody.
import type { App } from '../../app.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { sameText } from '../../kernel/hash.ts';
import type { Need } from '../api/endpoint.ts';
import type { Visitor } from './accounts.service.ts';
import type { Caller } from './caller.ts';
import { PERMISSIONS } from './permissions.ts';

/** A browser names the page that a request comes from; one of another site is refused, and so is a browser that says nothing. */
function isOwnOrigin(headers: Headers, publicUrl: string): boolean {
  const origin = headers.get('origin');
  if (origin === null) return headers.get('sec-fetch-site') === 'same-origin';
  if (!URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  return host === headers.get('host') || host === new URL(publicUrl).host;
}

/** `localSecret`: what only this machine's owner can read, good as a secret key while this process lives. */
export function admission(
  app: App,
  localSecret: string | undefined,
): (need: Need, visitor: Visitor, method: string) => Promise<Caller> {
  /** A key says who calls before a session does: a program has no cookies, and the tests of a browser have both. */
  const callerOf = async (visitor: Visitor, method: string): Promise<Caller> => {
    const key = visitor.headers.get('authorization')?.replace(/^Bearer /i, '');
    if (key !== undefined) {
      if (localSecret !== undefined && sameText(key, localSecret))
        return { kind: 'key', keyId: 'local', permissions: PERMISSIONS };
      const { keyId, scopes } = await app.checkKey(key, 'secret');
      return {
        kind: 'key',
        keyId,
        permissions: scopes === null ? PERMISSIONS : PERMISSIONS.filter((each) => scopes.includes(each)),
      };
    }
    const found = await app.accounts.memberOf(visitor);
    if (found === undefined) return { kind: 'nobody' };
    if (method !== 'GET' && !isOwnOrigin(visitor.headers, app.business.publicUrl)) throw new RekindleError('forbidden');
    return found.caller;
  };
  return async (need, visitor, method) => {
    const caller = await callerOf(visitor, method);
    if (need === 'none') return caller;
    if (caller.kind === 'nobody') throw new RekindleError('unauthorised');
    if (need === 'member' ? caller.kind !== 'member' : !caller.permissions.includes(need))
      throw new RekindleError('forbidden');
    return caller;
  };
}
