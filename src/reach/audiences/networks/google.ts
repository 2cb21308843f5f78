// Google's Data Manager API: `audienceMembers:ingest` and `:remove`. New advertisers have no other way since April 2026. The audience is made in
// Google Ads; its id is the destination.
import { z } from 'zod';
import {
  deferral,
  httpClient,
  outcomeOfStatus,
  retryAfterSeconds,
  type HttpAnswer,
} from '../../channels/http/exchange.ts';
import { serviceAccountTokens } from '../../channels/http/service-account.ts';
import type { ConnectionSettings } from '../../connections/connections.ts';
import { valuesOf } from '../identifiers.ts';
import type { AudienceNetwork, Fate } from '../network.ts';
import { jsonOf, notSent, undone, type Refusal } from './answers.ts';

const SCOPE = 'https://www.googleapis.com/auth/datamanager';
const GRANTED = { adUserData: 'CONSENT_GRANTED', adPersonalization: 'CONSENT_GRANTED' } as const;
const SLOWER = 'RESOURCE_EXHAUSTED';
const LATER = new Set([SLOWER, 'UNAVAILABLE', 'ABORTED']);
const ACCOUNT = new Set(['UNAUTHENTICATED', 'PERMISSION_DENIED']);

const takenSchema = z.looseObject({ requestId: z.string().min(1) });
/** Counts are 64 bits wide and come as texts. */
const countSchema = z.union([z.number(), z.string()]).default(0);
const statusSchema = z.looseObject({
  requestStatusPerDestination: z.array(
    z.looseObject({
      requestStatus: z.string().default('REQUEST_STATUS_UNKNOWN'),
      errorInfo: z
        .looseObject({
          errorCounts: z.array(z.looseObject({ reason: z.string().default(''), recordCount: countSchema })).default([]),
        })
        .optional(),
    }),
  ),
});

const REASON = /^PROCESSING_ERROR_REASON_/;

/** We name one destination, so there is one status. What it does not know, or we do not, is not over. */
function fateIn({ requestStatusPerDestination }: z.output<typeof statusSchema>): Fate {
  const [status] = requestStatusPerDestination;
  const counts = status?.errorInfo?.errorCounts ?? [];
  const detail = counts.map(({ reason, recordCount }) => `${recordCount} ${reason.replace(REASON, '')}`).join(', ');
  switch (status?.requestStatus) {
    case 'SUCCESS':
      return { kind: 'done' };
    case 'PARTIAL_SUCCESS':
      return { kind: 'done', failed: detail === '' ? 'some records failed' : detail };
    case 'FAILED':
      return {
        kind: 'failed',
        code: counts[0]?.reason.replace(REASON, '') ?? 'FAILED',
        detail: detail === '' ? 'all records failed' : detail,
      };
    default:
      return { kind: 'processing' };
  }
}

const errorSchema = z.looseObject({ error: z.looseObject({ status: z.string(), message: z.string().default('') }) });

export function googleAudiences(settings: ConnectionSettings<'google'>, now: () => Date): AudienceNetwork {
  const http = httpClient(settings.timeoutMs);
  const base = settings.baseUrl ?? 'https://datamanager.googleapis.com';
  const tokens = serviceAccountTokens({ account: settings.serviceAccount, scope: SCOPE, client: http, now });

  const refusalOf = (answer: HttpAnswer): Refusal => {
    const said = errorSchema.safeParse(jsonOf(answer.body));
    if (!said.success) return notSent(outcomeOfStatus(answer, now()));
    const { status: code, message: detail } = said.data.error;
    if (LATER.has(code))
      return deferral(code, detail, retryAfterSeconds(answer.headers, now()), code === SLOWER ? 'account' : undefined);
    if (answer.status >= 500) return { kind: 'unknown', detail: `${code}: ${detail}` };
    const fault = ACCOUNT.has(code) ? 'account' : 'content';
    return { kind: 'rejected', class: fault, permanent: false, code, detail };
  };
  const accountOf = (accountId: string) => ({ accountType: 'GOOGLE_ADS', accountId });
  return {
    apply: async ({ remoteId, action, rows }) => {
      const authorization = await tokens.token();
      if (typeof authorization !== 'string') return { outcome: authorization };
      const body = {
        destinations: [
          {
            operatingAccount: accountOf(settings.accountId),
            ...(settings.loginAccountId === undefined ? {} : { loginAccount: accountOf(settings.loginAccountId) }),
            productDestinationId: remoteId,
          },
        ],
        audienceMembers: rows.map((row) => ({
          userData: {
            userIdentifiers: [
              ...valuesOf(row, 'email').map((emailAddress) => ({ emailAddress })),
              ...valuesOf(row, 'phone').map((phoneNumber) => ({ phoneNumber })),
            ],
          },
        })),
        encoding: 'HEX',
        validateOnly: false,
        ...(action === 'add'
          ? { consent: GRANTED, termsOfService: { customerMatchTermsOfServiceStatus: 'ACCEPTED' } }
          : {}),
      };
      const answer = await http.exchange({
        url: `${base}/v1/audienceMembers:${action === 'add' ? 'ingest' : 'remove'}`,
        method: 'POST',
        headers: { authorization: `Bearer ${authorization}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (answer.kind !== 'answered') return { outcome: answer };
      if (answer.status === 401) tokens.forget(authorization);
      const taken = answer.status === 200 ? takenSchema.safeParse(jsonOf(answer.body)) : undefined;
      if (taken?.success === true)
        return { outcome: { kind: 'sent', providerId: taken.data.requestId, response: 'HTTP 200' }, isOpen: true };
      return { outcome: refusalOf(answer) };
    },
    fateOf: async (requestId) => {
      const authorization = await tokens.token();
      if (typeof authorization !== 'string') return { kind: 'processing', unheard: authorization };
      const answer = await http.exchange({
        url: `${base}/v1/requestStatus:retrieve?${new URLSearchParams({ requestId }).toString()}`,
        method: 'GET',
        headers: { authorization: `Bearer ${authorization}` },
        body: '',
      });
      if (answer.kind !== 'answered') return { kind: 'processing', unheard: undone(answer) };
      if (answer.status === 401) tokens.forget(authorization);
      const said = answer.status === 200 ? statusSchema.safeParse(jsonOf(answer.body)) : undefined;
      if (said?.success === true) return fateIn(said.data);
      return { kind: 'processing', ...(answer.status === 404 ? {} : { unheard: undone(refusalOf(answer)) }) };
    },
  };
}
