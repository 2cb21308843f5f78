// Steering deliverability: what the sending domain may send today and why not more.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { BRAKE_KINDS, guardRulesSchema } from '../../reach/deliverability/guard.ts';
import type { Caller } from '../access/caller.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const nameOf = (caller: Caller): string =>
  caller.kind === 'member' ? caller.email : caller.kind === 'key' ? caller.keyId : 'nobody';

export const deliverabilityEndpoints = (app: App): readonly Endpoint[] => {
  const now = app.clock.now;
  return [
    endpoint({
      method: 'get',
      path: '/reach/guard',
      need: 'reach.read',
      summary: 'The sending domain: ramp, brakes and warnings in words, the last days in figures, and the rules',
      run: () => app.guard.show(now()),
    }),
    endpoint({
      method: 'put',
      path: '/reach/guard',
      need: 'reach.write',
      summary: 'Sets the rules of ramp and brakes, in force from the next set of mails on',
      body: z.strictObject({ rules: guardRulesSchema }),
      run: async ({ body }) => {
        await app.guard.change(body.rules);
        return app.guard.show(now());
      },
    }),
    endpoint({
      method: 'post',
      path: '/reach/guard/release',
      need: 'reach.write',
      summary: 'Lets go of a brake before its time, and records by whom and why',
      body: z.strictObject({ kind: z.enum(BRAKE_KINDS), note: z.string().trim().min(3).max(500) }),
      refusals: ['not_found'],
      run: async ({ body, caller }) => {
        await app.guard.release(body.kind, { who: nameOf(caller), note: body.note }, now());
        return app.guard.show(now());
      },
    }),
    endpoint({
      method: 'get',
      path: '/reach/preflight',
      need: 'reach.read',
      summary: 'SPF, DKIM and DMARC of the sending domain as DNS shows them, in words, and what to do',
      run: () => app.preflight.show(now()),
    }),
    endpoint({
      method: 'post',
      path: '/reach/preflight/override',
      need: 'reach.write',
      summary: 'Lets programmes start for thirty days though the domain fails; records by whom and why',
      body: z.strictObject({ note: z.string().trim().min(3).max(500) }),
      run: async ({ body, caller }) => {
        await app.preflight.override({ who: nameOf(caller), note: body.note }, now());
        return app.preflight.show(now());
      },
    }),
  ];
};
