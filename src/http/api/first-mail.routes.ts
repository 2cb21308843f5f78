// The first mail of an installation: one real win-back mail to oneself, and what became of it in words.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { App } from '../../app.ts';
import { smtpAdvice } from '../../reach/channels/email/smtp-advice.ts';
import { parseSmtpUrl } from '../../reach/channels/email/smtp-url.ts';
import { fateOf, giveUp, isSettled, planFirstMail } from '../../reach/first-mail/first-mail.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

/** A server that keeps silent longer than this is told of as it stands. */
const PATIENCE_MS = 40_000;
const OWN_ROUND_MS = 1_500;

export const firstMailEndpoints = (app: App): readonly Endpoint[] => {
  const { records, business } = app;
  const serverName = (): string => {
    if (app.mailIsPreview()) return 'preview';
    if (app.mail.provider() !== 'smtp') return app.mail.provider();
    const { host, port } = parseSmtpUrl(app.mailUrl());
    return `${host}:${port}`;
  };
  return [
    endpoint({
      method: 'post',
      path: '/channels/email/first-mail',
      need: 'people.write',
      summary:
        'Sends one real win-back mail to an address of one’s own, through the ledger: her asking is recorded as her consent. Answers what became of it',
      body: z.strictObject({
        to: z.string().min(1).max(254),
        templateId: z.string().min(1).max(64).default('nostalgic'),
        language: z.enum(['en', 'zh']).default(business.defaultLanguage),
        firstName: z.string().min(1).max(100).optional(),
      }),
      refusals: ['conflict', 'not_found', 'profile_unfinished'],
      run: async ({ body }) => {
        const stores = { records, events: app.events, addressSecret: app.secrets.address };
        const messageId = await planFirstMail(
          { stores, business },
          { ...body, firstName: body.firstName },
          app.clock.now(),
        );
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const settledBy = async (untilMs: number): Promise<boolean> => {
          for (;;) {
            if (isSettled(await fateOf(records.db, messageId))) return true;
            if (performance.now() >= untilMs || signal.aborted) return false;
            await sleep(100);
          }
        };
        // A running server sends every second; where none runs, this process does.
        const startedMs = performance.now();
        if (!(await settledBy(startedMs + OWN_ROUND_MS))) {
          await app.sender.sendDue(signal, 'email');
          await settledBy(startedMs + PATIENCE_MS);
        }
        const fate = await fateOf(records.db, messageId);
        if (fate.state === 'planned') await giveUp(records.db, messageId, app.clock.now());
        const { state, code, detail } = fate;
        return {
          messageId,
          state,
          code,
          detail,
          advice: state === 'sent' ? null : (smtpAdvice(`${code ?? ''} ${detail ?? ''}`) ?? null),
          server: serverName(),
          isPreview: app.mailIsPreview(),
          from: `${business.brand} <${business.fromAddress}>`,
          postalAddress: business.postalAddress,
          publicUrl: business.publicUrl,
        };
      },
    }),
  ];
};
