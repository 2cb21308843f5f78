// An identity provider for tests: OpenID Connect with the authorisation code flow and PKCE, which believes nothing. What a client does wrong is
// refused as a real provider refuses it, and kept for the test to read.
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export type Person = {
  readonly sub: string;
  readonly email: string;
  readonly name: string;
  readonly emailVerified: boolean;
};

export type IdentityProvider = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Signs in whoever comes next; her browser is sent back with a code. Undefined: she refuses. */
  readonly becomes: (person: Person | undefined) => void;
  /** Changes what the next id token says, as a forger would. */
  readonly forge: (claims: Readonly<Record<string, unknown>> | undefined) => void;
  /** What was asked, in order: `discovery`, `authorize`, `token`, `userinfo`, `jwks`. */
  readonly asked: string[];
  /** Why requests were refused. */
  readonly refusals: string[];
  /** The query of the last authorisation request. */
  readonly lastAuthorisation: () => URLSearchParams;
  readonly close: () => Promise<void>;
};

type Grant = {
  readonly person: Person;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly nonce: string | undefined;
  isSpent: boolean;
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

export async function startIdentityProvider(redirectUri: () => string): Promise<IdentityProvider> {
  const clientId = 'rekindle-console';
  const clientSecret = 'a secret of the client';
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  const grants = new Map<string, Grant>();
  const tokens = new Map<string, Person>();
  const asked: string[] = [];
  const refusals: string[] = [];
  let person: Person | undefined;
  let forged: Readonly<Record<string, unknown>> | undefined;
  let authorisation = new URLSearchParams();
  let issuer = '';

  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
  const refuse = (response: ServerResponse, status: number, error: string, why: string): void => {
    refusals.push(why);
    json(response, status, { error, error_description: why });
  };

  function authorise(url: URL, response: ServerResponse): void {
    const { searchParams: query } = url;
    authorisation = query;
    const wrong = [
      ['response_type', query.get('response_type') === 'code'],
      ['client_id', query.get('client_id') === clientId],
      ['redirect_uri', query.get('redirect_uri') === redirectUri()],
      ['scope', query.get('scope')?.split(' ').includes('openid') === true],
      ['state', (query.get('state') ?? '').length >= 16],
      ['code_challenge', /^[\w-]{43}$/.test(query.get('code_challenge') ?? '')],
      ['code_challenge_method', query.get('code_challenge_method') === 'S256'],
    ].find(([, isRight]) => isRight !== true);
    if (wrong !== undefined) return refuse(response, 400, 'invalid_request', `authorize: ${String(wrong[0])}`);
    const back = new URL(redirectUri());
    back.searchParams.set('state', query.get('state') ?? '');
    if (person === undefined) back.searchParams.set('error', 'access_denied');
    else {
      const code = randomUUID();
      grants.set(code, {
        person,
        challenge: query.get('code_challenge') ?? '',
        redirectUri: redirectUri(),
        nonce: query.get('nonce') ?? undefined,
        isSpent: false,
      });
      back.searchParams.set('code', code);
      back.searchParams.set('iss', issuer);
    }
    response.writeHead(302, { Location: back.href }).end();
  }

  async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await bodyOf(request));
    const basic = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    const [id, secret] = basic === '' ? [form.get('client_id'), form.get('client_secret')] : basic.split(':');
    if (id !== clientId || secret !== clientSecret) return refuse(response, 401, 'invalid_client', 'token: client');
    const grant = grants.get(form.get('code') ?? '');
    if (form.get('grant_type') !== 'authorization_code') return refuse(response, 400, 'invalid_grant', 'token: type');
    if (grant === undefined || grant.isSpent) return refuse(response, 400, 'invalid_grant', 'token: code');
    if (form.get('redirect_uri') !== grant.redirectUri) return refuse(response, 400, 'invalid_grant', 'token: address');
    const verifier = form.get('code_verifier') ?? '';
    if (createHash('sha256').update(verifier).digest('base64url') !== grant.challenge)
      return refuse(response, 400, 'invalid_grant', 'token: verifier');
    grant.isSpent = true;
    const accessToken = randomUUID();
    tokens.set(accessToken, grant.person);
    const { sub, email, name, emailVerified } = grant.person;
    const idToken = await new SignJWT({
      email,
      name,
      email_verified: emailVerified,
      ...(grant.nonce === undefined ? {} : { nonce: grant.nonce }),
      ...forged,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(typeof forged?.['iss'] === 'string' ? forged['iss'] : issuer)
      .setAudience(typeof forged?.['aud'] === 'string' ? forged['aud'] : clientId)
      .setSubject(sub)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
    return json(response, 200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 300,
      id_token: idToken,
      scope: 'openid email profile',
    });
  }

  function tell(request: IncomingMessage, response: ServerResponse): void {
    const known = tokens.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));
    if (known === undefined) return refuse(response, 401, 'invalid_token', 'userinfo: token');
    const { sub, email, name, emailVerified } = known;
    return json(response, 200, { sub, email, name, email_verified: emailVerified });
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    void (async () => {
      switch (url.pathname) {
        case '/.well-known/openid-configuration':
          asked.push('discovery');
          return json(response, 200, {
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            userinfo_endpoint: `${issuer}/userinfo`,
            jwks_uri: `${issuer}/jwks`,
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['RS256'],
            code_challenge_methods_supported: ['S256'],
            token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
            authorization_response_iss_parameter_supported: true,
          });
        case '/jwks':
          asked.push('jwks');
          return json(response, 200, { keys: [jwk] });
        case '/authorize':
          asked.push('authorize');
          return authorise(url, response);
        case '/token':
          asked.push('token');
          return exchange(request, response);
        case '/userinfo':
          asked.push('userinfo');
          return tell(request, response);
        default:
          return refuse(response, 404, 'not_found', url.pathname);
      }
    })();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    clientId,
    clientSecret,
    becomes: (next) => {
      person = next;
    },
    forge: (claims) => {
      forged = claims;
    },
    asked,
    refusals,
    lastAuthorisation: () => authorisation,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
