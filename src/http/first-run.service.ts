// From nothing to the first picture without a choice to make: the kind of business names a policy, data makes it real. And the demo shop,
// loaded in the background with its progress told to whoever listens.
import { z } from 'zod';
import type { App } from '../app.ts';
import { RekindleError } from '../kernel/errors.ts';
import { addDays, dayIn } from '../kernel/days.ts';
import { sql } from '../kernel/sql.ts';
import { loadSampleShop } from '../demo/sample-shop.service.ts';
import { readSetting, writeSetting } from '../stores/records/settings.ts';
import { evaluatePolicy } from '../understand/dormancy/evaluate.service.ts';
import { listPolicies, occurringEvents, savePolicy } from '../understand/dormancy/policy.service.ts';
import { PRESET_NAMES, presetFor } from '../understand/dormancy/presets.ts';
import type { BusinessKind, SampleShopState } from './contract/overview.ts';

const kindSchema = z.enum(PRESET_NAMES);

export async function chosenKind(app: App): Promise<BusinessKind | null> {
  return kindSchema.safeParse(await readSetting(app.records.db, 'business_kind')).data ?? null;
}

export const chooseKind = (app: App, kind: BusinessKind): Promise<void> =>
  writeSetting(app.records.db, 'business_kind', kind);

export async function eventCount(app: App): Promise<number> {
  const [row] = await app.events.rows<{ events: number }>(sql`SELECT count() AS events FROM events`);
  return row?.events ?? 0;
}

/**
 * The first policy and its first evaluation. The kind that was chosen, else the first one whose events occur. Throws `not_enough_data`
 * while nothing has happened that any kind would count as activity.
 */
export async function firstAnalysis(app: App): Promise<{ readonly policyId: string; readonly asOf: string }> {
  const { records, events } = app;
  const occurred = await occurringEvents(events);
  const chosen = await chosenKind(app);
  const usable = [...(chosen === null ? [] : [chosen]), ...PRESET_NAMES]
    .map((name) => presetFor(name, occurred))
    .find((policy) => policy.activity.every((name) => occurred.includes(name)));
  if (usable === undefined)
    throw new RekindleError('not_enough_data', {
      what: {
        en: `none of the events counts as activity for a ready-made policy: ${occurred.slice(0, 10).join(', ')}`,
        zh: `没有事件可作为现成规则的活跃依据：${occurred.slice(0, 10).join('、')}`,
      },
    });
  const known = await listPolicies(records);
  const now = app.clock.now();
  const saved = known.find(({ active }) => active) ?? (await savePolicy({ events, records }, usable, now));
  app.returns.refresh();
  const [last] = await events.rows<{ day: string }>(sql`SELECT toString(max(day)) AS day FROM events`);
  const yesterday = addDays(dayIn(now, app.business.timeZone), -1);
  const asOf = last !== undefined && last.day < yesterday ? last.day : yesterday;
  const { policy, version } = saved;
  await evaluatePolicy(events, { policy, version, asOf, now, scopes: app.segments });
  return { policyId: policy.policyId, asOf };
}

export type SampleShop = {
  readonly state: () => SampleShopState;
  /** Throws `conflict` where there is data already, or one is being loaded. */
  readonly start: () => Promise<SampleShopState>;
  readonly cancel: () => SampleShopState;
  /** Hears every change until it is told to stop. */
  readonly listen: (listener: (state: SampleShopState) => void) => () => void;
};

export function openSampleShop(app: App): SampleShop {
  let state: SampleShopState = { state: 'none' };
  let stopping = new AbortController();
  const listeners = new Set<(state: SampleShopState) => void>();
  const become = (next: SampleShopState): SampleShopState => {
    state = next;
    for (const listener of listeners) listener(next);
    return next;
  };
  const load = async (signal: AbortSignal): Promise<void> => {
    try {
      const loaded = await loadSampleShop(app, signal, (step, share) => {
        become({ state: 'running', step, share, canCancel: step === 'history' });
      });
      if (!loaded) {
        become({ state: 'cancelled' });
        return;
      }
      become({ state: 'running', step: 'analysis', share: 0.5, canCancel: false });
      await chooseKind(app, 'shop');
      await firstAnalysis(app);
      become({ state: 'done' });
    } catch (cause) {
      become({ state: 'failed', message: cause instanceof Error ? cause.message : String(cause) });
    }
  };
  return {
    state: () => state,
    start: async () => {
      if (state.state === 'running')
        throw new RekindleError('conflict', { what: { en: 'The demo shop is being loaded', zh: '演示店铺正在载入' } });
      if ((await eventCount(app)) > 0)
        throw new RekindleError('conflict', {
          what: {
            en: 'There is data here already; the demo shop would mix with it',
            zh: '这里已有数据，演示店铺会与之混在一起',
          },
        });
      stopping = new AbortController();
      const started = become({ state: 'running', step: 'history', share: 0, canCancel: true });
      void load(stopping.signal);
      return started;
    },
    cancel: () => {
      stopping.abort();
      return state;
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
