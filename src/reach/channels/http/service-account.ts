// Google's service accounts: the key as the console gives it out, exchanged for an OAuth 2 token (RFC 7523) that is kept until shortly before
// its end. However many ask at once, one exchange is made.
import { importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import { RekindleError } from '../../../kernel/errors.ts';
import { issueText } from '../../../kernel/issue.ts';
import type { SendOutcome } from '../channel.ts';
import type { httpClient } from './exchange.ts';

const TOKEN_SPARE_MS = 60_000;
const ASSERTION_SECONDS = 3_600;

export const serviceAccountSchema = z.looseObject({
  type: z.literal('service_account'),
  project_id: z.string().min(1),
  private_key_id: z.string().min(1),
  private_key: z.string().min(1),
  client_email: z.string().min(1),
  token_uri: z.url().default('https://oauth2.googleapis.com/token'),
});
export type ServiceAccount = z.infer<typeof serviceAccountSchema>;

/** The JSON key of a service account, as the Google console gives it out. Throws `invalid` naming the first thing that is wrong. */
export function parseServiceAccount(text: string): ServiceAccount {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new RekindleError(
      'invalid',
      { where: 'REKINDLE_FCM_KEY_FILE', what: { en: 'is not JSON', zh: '不是 JSON' } },
      { cause },
    );
  }
  const parsed = serviceAccountSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RekindleError('invalid', {
    where: `REKINDLE_FCM_KEY_FILE ${issue?.path.join('.') ?? ''}`,
    what: issueText(issue),
  });
}

const tokenSchema = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive() });

function tokenIn(body: string): z.output<typeof tokenSchema> | undefined {
  try {
    return tokenSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined; // What is no JSON is no token.
  }
}

/** Why there is no token: whatever becomes of the exchange, nothing that needed one has left. */
type TokenRefusal = Extract<SendOutcome, { readonly kind: 'rejected' | 'unavailable' }>;

const refused = (code: string, detail: string): TokenRefusal => ({
  kind: 'rejected',
  class: 'account',
  permanent: false,
  code,
  detail,
});

export type ServiceAccountTokens = {
  readonly token: () => Promise<string | TokenRefusal>;
  /** The other side took this one back before its time: another is asked for, once for all who find out. */
  readonly forget: (token: string) => void;
};

export function serviceAccountTokens(given: {
  readonly account: Pick<ServiceAccount, 'client_email' | 'private_key' | 'private_key_id' | 'token_uri'>;
  readonly scope: string;
  readonly client: ReturnType<typeof httpClient>;
  readonly now: () => Date;
}): ServiceAccountTokens {
  const { account, scope, client, now } = given;
  let held: { readonly text: string; readonly untilMs: number } | undefined;
  let asking: Promise<string | TokenRefusal> | undefined;

  const ask = async (): Promise<string | TokenRefusal> => {
    const at = Math.floor(now().getTime() / 1000);
    let assertion: string;
    try {
      assertion = await new SignJWT({ scope })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: account.private_key_id })
        .setIssuer(account.client_email)
        .setAudience(account.token_uri)
        .setIssuedAt(at)
        .setExpirationTime(at + ASSERTION_SECONDS)
        .sign(await importPKCS8(account.private_key, 'RS256'));
    } catch {
      return refused('bad_key', 'the service account’s key cannot sign');
    }
    const answer = await client.exchange({
      url: account.token_uri,
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString(),
    });
    if (answer.kind !== 'answered') return { kind: 'unavailable', detail: `token: ${answer.detail}` };
    const token = answer.status === 200 ? tokenIn(answer.body) : undefined;
    if (token === undefined)
      // Only a refusal is one: a page of somebody in between says nothing about the key.
      return answer.status < 400 || answer.status >= 500 || answer.status === 429
        ? { kind: 'unavailable', detail: `token: HTTP ${answer.status}` }
        : refused('token_refused', `token: HTTP ${answer.status}: ${answer.body.slice(0, 200)}`);
    held = { text: token.access_token, untilMs: now().getTime() + token.expires_in * 1000 - TOKEN_SPARE_MS };
    return held.text;
  };
  return {
    token: async () => {
      if (held !== undefined && held.untilMs > now().getTime()) return held.text;
      asking ??= ask().finally(() => (asking = undefined));
      return asking;
    },
    forget: (token) => {
      if (held?.text === token) held = undefined;
    },
  };
}
