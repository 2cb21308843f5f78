// The script for pages without a bundler. The snippet leaves `window.rekindle` as a list of calls; this replaces it with the SDK and makes
// up for them, in order. The first must be `load`.
import { createRekindle, type Rekindle, type RekindleOptions } from './sdk.ts';

type Waiting = [method: string, ...given: unknown[]][];

declare global {
  interface Window {
    rekindle?:
      Waiting | (Rekindle & { readonly load?: undefined }) | { readonly load: (options: RekindleOptions) => Rekindle };
  }
}

const waiting = window.rekindle;
const load = (options: RekindleOptions): Rekindle => {
  const sdk = createRekindle(options);
  window.rekindle = sdk;
  return sdk;
};

if (Array.isArray(waiting)) {
  const calls = waiting.map(([method, ...given]) => ({ method, given }));
  const first = calls.findIndex(({ method }) => method === 'load');
  if (first >= 0) {
    const sdk = load(calls[first]!.given[0] as RekindleOptions);
    for (const { method, given } of calls.filter((_, at) => at !== first)) {
      const own = sdk[method as keyof Rekindle] as ((...all: unknown[]) => unknown) | undefined;
      own?.(...given);
    }
  }
} else if (!waiting) window.rekindle = { load };
