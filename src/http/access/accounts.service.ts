// Console accounts on the records store: passwords (scrypt), sessions, the second factor and single sign-on, by better-auth. Its own HTTP
// routes are not served, but for the way back from an identity provider: everything goes through our operations, which answer with our
// codes and are audited.
import { betterAuth } from 'better-auth';
import { APIError, createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { genericOAuth } from 'better-auth/plugins/generic-oauth';
import { twoFactor } from 'better-auth/plugins/two-factor';
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { Role } from '../contract/permissions.ts';
import { permissionsOf, roleNamed } from './permissions.ts';
import type { Caller } from './caller.ts';

export type SingleSignOn = {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Given: whoever the provider vouches for gets an account with this role. Absent: only those who were invited. */
  readonly role: Role | undefined;
};

export type AccountsOptions = {
  readonly db: RecordsDb;
  readonly secret: string;
  /** Where the console is reached, without a trailing slash; read when it is needed, because the profile may change. */
  readonly publicUrl: () => string;
  readonly now: () => Date;
  readonly singleSignOn: SingleSignOn | undefined;
};

/** What an operation reads of a request for us: cookies, the browser's name, the caller's address. */
export type Visitor = { readonly headers: Headers; readonly address: string };

const SESSION_DAYS = 14;
const DAY_SECONDS = 86_400;
export const PASSWORD_CHARACTERS_MIN = 10;
const PASSWORD_CHARACTERS_MAX = 128;
const ADDRESS_HEADER = 'x-rekindle-address';
const PROVIDER = 'oidc';

const snake = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]));

/** Opens a session for a person whom something else than a password has vouched for. Never reachable over HTTP. */
const vouchedFor = {
  id: 'vouched-for',
  endpoints: {
    openVouchedSession: createAuthEndpoint(
      { method: 'POST', body: z.object({ userId: z.string() }), metadata: { SERVER_ONLY: true } },
      async (ctx) => {
        const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId);
        if (user === null) throw new APIError('NOT_FOUND');
        const session = await ctx.context.internalAdapter.createSession(user.id, false);
        await setSessionCookie(ctx, { session, user });
        return ctx.json({ opened: true });
      },
    ),
  },
} as const;

function authOf({ db, secret, publicUrl, now, singleSignOn }: AccountsOptions) {
  return betterAuth({
    appName: 'Rekindle',
    baseURL: publicUrl(),
    basePath: '/api/auth',
    secret,
    telemetry: { enabled: false },
    logger: { disabled: true },
    database: { db, type: 'postgres' },
    // Our own lock-out counts per account and per address, in the records store.
    rateLimit: { enabled: false },
    trustedOrigins: () => [publicUrl()],
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_CHARACTERS_MIN,
      maxPasswordLength: PASSWORD_CHARACTERS_MAX,
    },
    user: {
      modelName: 'accounts',
      fields: snake(['emailVerified', 'createdAt', 'updatedAt']),
      additionalFields: {
        role: { type: 'string', required: true, input: false, defaultValue: singleSignOn?.role ?? 'reader' },
        isFounder: { type: 'boolean', required: false, input: false, defaultValue: false, fieldName: 'is_founder' },
      },
    },
    session: {
      modelName: 'account_sessions',
      fields: {
        userId: 'account_id',
        ...snake(['expiresAt', 'ipAddress', 'userAgent', 'createdAt', 'updatedAt']),
      },
      expiresIn: SESSION_DAYS * DAY_SECONDS,
      updateAge: DAY_SECONDS / 24,
    },
    account: {
      modelName: 'account_credentials',
      fields: {
        userId: 'account_id',
        accountId: 'provider_account_id',
        ...snake([
          'providerId',
          'accessToken',
          'refreshToken',
          'idToken',
          'accessTokenExpiresAt',
          'refreshTokenExpiresAt',
          'createdAt',
          'updatedAt',
        ]),
      },
      // No provider is trusted beyond what it says of the address: one that it has not verified joins no account.
      accountLinking: { enabled: true },
    },
    verification: { modelName: 'account_verifications', fields: snake(['expiresAt', 'createdAt', 'updatedAt']) },
    plugins: [
      twoFactor({
        issuer: 'Rekindle',
        schema: {
          user: { fields: { twoFactorEnabled: 'two_factor_enabled' } },
          twoFactor: {
            modelName: 'account_second_factors',
            fields: {
              userId: 'account_id',
              ...snake(['backupCodes', 'failedVerificationCount', 'lockedUntil']),
            },
          },
        },
      }),
      vouchedFor,
      genericOAuth({
        config:
          singleSignOn === undefined
            ? []
            : [
                {
                  providerId: PROVIDER,
                  name: singleSignOn.name,
                  discoveryUrl: `${singleSignOn.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
                  clientId: singleSignOn.clientId,
                  clientSecret: singleSignOn.clientSecret,
                  scopes: ['openid', 'email', 'profile'],
                  pkce: true,
                  disableSignUp: singleSignOn.role === undefined,
                  // Some providers verify every address and do not say so; only a plain no is one.
                  mapProfileToUser: (profile) => ({ emailVerified: profile['email_verified'] !== false }),
                },
              ],
      }),
    ],
    advanced: {
      cookiePrefix: 'rekindle',
      useSecureCookies: publicUrl().startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
      // A page of another site never sends it, not even by a link.
      cookies: { session_token: { attributes: { sameSite: 'strict' } } },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      database: { generateId: ({ model }) => newId(model.replace(/^account_/, '').replace(/s$/, ''), now()) },
    },
  });
}

/** What the library refused, as our code: nobody is told which of e-mail, password and code was wrong. */
function refusalOf(cause: unknown): unknown {
  if (!(cause instanceof APIError)) return cause;
  const code = cause.body?.code ?? '';
  if (/PASSWORD_TOO_(?:SHORT|LONG)/.test(code))
    return new RekindleError('invalid', {
      where: 'body.password',
      what: {
        en: `from ${PASSWORD_CHARACTERS_MIN} to ${PASSWORD_CHARACTERS_MAX} characters`,
        zh: `须为 ${PASSWORD_CHARACTERS_MIN} 至 ${PASSWORD_CHARACTERS_MAX} 个字符`,
      },
    });
  return new RekindleError('credentials_wrong', {}, { cause });
}

const refused = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (cause) {
    throw refusalOf(cause);
  }
};

export type Accounts = ReturnType<typeof openAccounts>;

export function openAccounts(options: AccountsOptions) {
  const { db, now } = options;
  const auth = authOf(options);

  const headersFor = ({ headers, address }: Visitor, cookie?: string): Headers => {
    const given = new Headers();
    const cookies = cookie ?? headers.get('cookie');
    if (cookies !== null) given.set('cookie', cookies);
    given.set('user-agent', (headers.get('user-agent') ?? '').slice(0, 300));
    given.set(ADDRESS_HEADER, address === '' ? '127.0.0.1' : address);
    return given;
  };

  return {
    singleSignOnName: options.singleSignOn?.name ?? null,

    /** Undefined where no valid session comes with the request. `sessionId` is the session's own. */
    memberOf: async (
      visitor: Visitor,
    ): Promise<{ readonly caller: Extract<Caller, { kind: 'member' }>; readonly sessionId: string } | undefined> => {
      if (!visitor.headers.get('cookie')?.includes('rekindle.session_token')) return undefined;
      const found = await auth.api.getSession({ headers: headersFor(visitor) });
      if (found === null) return undefined;
      const { user, session } = found;
      const role = roleNamed(user.role);
      return {
        caller: {
          kind: 'member',
          memberId: user.id,
          name: user.name,
          email: user.email,
          role,
          permissions: permissionsOf(role),
        },
        sessionId: session.id,
      };
    },

    isEmpty: async (): Promise<boolean> =>
      (await db.selectFrom('accounts').select('id').limit(1).executeTakeFirst()) === undefined,

    /** Makes an account with a password. Throws `conflict` when the address has one, or when a second founder is made. */
    createMember: async (member: {
      readonly email: string;
      readonly name: string;
      readonly password: string;
      readonly role: Role;
      readonly isFounder: boolean;
    }): Promise<string> => {
      const { password, ...fields } = member;
      if (password.length < PASSWORD_CHARACTERS_MIN || password.length > PASSWORD_CHARACTERS_MAX)
        throw new RekindleError('invalid', {
          where: 'body.password',
          what: {
            en: `from ${PASSWORD_CHARACTERS_MIN} to ${PASSWORD_CHARACTERS_MAX} characters`,
            zh: `须为 ${PASSWORD_CHARACTERS_MIN} 至 ${PASSWORD_CHARACTERS_MAX} 个字符`,
          },
        });
      const { internalAdapter, password: passwords } = await auth.$context;
      const hash = await passwords.hash(password);
      const account = await internalAdapter
        .createUser({ ...fields, email: fields.email.toLowerCase(), emailVerified: true }, { method: 'admin' })
        .catch((cause: unknown) => {
          throw new RekindleError(
            'conflict',
            { what: { en: 'There already is such an account', zh: '已有该账号' } },
            { cause },
          );
        });
      await internalAdapter.linkAccount({
        userId: account.id,
        accountId: account.id,
        providerId: 'credential',
        password: hash,
      });
      return account.id;
    },

    /** The password alone, or the password with a code where the second factor is on. Answers the cookies to set. */
    signIn: (
      visitor: Visitor,
      {
        email,
        password,
        code,
      }: { readonly email: string; readonly password: string; readonly code?: string | undefined },
    ): Promise<{ readonly state: 'signed_in' | 'code_needed'; readonly cookies: readonly string[] }> =>
      refused(
        (async () => {
          const first = await auth.api.signInEmail({
            body: { email: email.toLowerCase(), password },
            headers: headersFor(visitor, ''),
            returnHeaders: true,
          });
          const cookies = first.headers.getSetCookie();
          if (!('twoFactorRedirect' in first.response)) return { state: 'signed_in', cookies } as const;
          if (code === undefined || code === '') return { state: 'code_needed', cookies: [] } as const;
          const challenge = cookies.map((each) => each.split(';')[0]!).join('; ');
          const given = { headers: headersFor(visitor, challenge), returnHeaders: true } as const;
          const plain = code.replaceAll(/\s/g, '');
          const second = /^\d{6}$/.test(plain)
            ? await auth.api.verifyTOTP({ body: { code: plain }, ...given })
            : await auth.api.verifyBackupCode({ body: { code: plain }, ...given });
          return { state: 'signed_in', cookies: second.headers.getSetCookie() } as const;
        })(),
      ),

    /** For somebody whom a link of ours has vouched for. */
    openSession: async (visitor: Visitor, memberId: string): Promise<readonly string[]> =>
      (
        await auth.api.openVouchedSession({
          body: { userId: memberId },
          headers: headersFor(visitor, ''),
          returnHeaders: true,
        })
      ).headers.getSetCookie(),

    signOut: async (visitor: Visitor): Promise<readonly string[]> =>
      (await auth.api.signOut({ headers: headersFor(visitor), returnHeaders: true })).headers.getSetCookie(),

    /** The page of the identity provider to send her to, and the cookies that recognise her on the way back. */
    singleSignOn: async (visitor: Visitor): Promise<{ readonly url: string; readonly cookies: readonly string[] }> => {
      const { response, headers } = await refused(
        auth.api.signInSocial({
          body: { provider: PROVIDER, callbackURL: '/console/', errorCallbackURL: '/console/?refused=1' },
          headers: headersFor(visitor, ''),
          returnHeaders: true,
        }),
      );
      return { url: response.url ?? '/console/', cookies: headers.getSetCookie() };
    },
    /** The way back from the identity provider. */
    handleCallback: (request: Request): Promise<Response> => auth.handler(request),

    /** Replaces a password without asking for the old one (after a reset link), and ends every session. */
    replacePassword: async (memberId: string, password: string): Promise<void> => {
      if (password.length < PASSWORD_CHARACTERS_MIN || password.length > PASSWORD_CHARACTERS_MAX)
        throw refusalOf(new APIError('BAD_REQUEST', { code: 'PASSWORD_TOO_SHORT' }));
      const { internalAdapter, password: passwords } = await auth.$context;
      await internalAdapter.updatePassword(memberId, await passwords.hash(password));
      await internalAdapter.deleteUserSessions(memberId);
    },
    /** Asks for the old one, and ends all other sessions. */
    changePassword: async (
      visitor: Visitor,
      currentPassword: string,
      newPassword: string,
    ): Promise<readonly string[]> =>
      (
        await refused(
          auth.api.changePassword({
            body: { currentPassword, newPassword, revokeOtherSessions: true },
            headers: headersFor(visitor),
            returnHeaders: true,
          }),
        )
      ).headers.getSetCookie(),

    /** Begins the second factor: what the authenticator app wants to know. It counts once a code has been confirmed. */
    beginSecondFactor: async (
      visitor: Visitor,
      password: string,
    ): Promise<{ readonly uri: string; readonly backupCodes: readonly string[] }> => {
      const begun = await refused(auth.api.enableTwoFactor({ body: { password }, headers: headersFor(visitor) }));
      if (begun.method !== 'totp') throw new Error('the second factor is not an authenticator app');
      return { uri: begun.totpURI, backupCodes: begun.backupCodes };
    },
    confirmSecondFactor: async (visitor: Visitor, code: string): Promise<readonly string[]> =>
      (
        await refused(
          auth.api.verifyTOTP({
            body: { code: code.replaceAll(/\s/g, '') },
            headers: headersFor(visitor),
            returnHeaders: true,
          }),
        )
      ).headers.getSetCookie(),
    endSecondFactor: async (visitor: Visitor, password: string): Promise<readonly string[]> =>
      (
        await refused(
          auth.api.disableTwoFactor({ body: { password }, headers: headersFor(visitor), returnHeaders: true }),
        )
      ).headers.getSetCookie(),
    now,
  };
}
