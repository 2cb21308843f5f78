// An account that posts go through, behind its brake: posting waits while it is closed, asking whether it would take one is somebody's test. Guarantee:
// a silent account that is tried again is asked first, which costs nobody's post.
import { brakedCalls, type SharedBrake } from '../channels/braked-calls.ts';
import type { Closed, SendOutcome } from '../channels/channel.ts';
import type { AccountCheck } from './post-accounts.ts';
import type { PostFate, PostFates, PostNetwork } from './post-networks.ts';

export type PostAccount = {
  readonly post: PostNetwork;
  readonly check: AccountCheck;
  /** Learns what other workers have met at the account; `closed` knows it from then on. */
  readonly hear: () => Promise<void>;
  readonly closed: () => Closed | undefined;
  /** Of networks that work on a post for a while. */
  readonly fateOf?: PostFates;
};

/** Posts are few, and one that nobody answered is lost to whoever reads there. */
const SILENCES_MAX = 3;
const HEARD: SendOutcome = { kind: 'sent', providerId: '', response: '' };
const SILENT: readonly string[] = ['no_answer', 'unavailable'];

export function postAccount(
  post: PostNetwork,
  check: AccountCheck,
  { now, shared }: { readonly now: () => Date; readonly shared?: SharedBrake | undefined },
  fateOf?: PostFates,
): PostAccount {
  const calls = brakedCalls({ now, silencesMax: SILENCES_MAX, shared });
  return {
    post: async (each) => {
      if (SILENT.includes(calls.onTrialFor() ?? '')) {
        const heard = await check();
        if (heard.kind === 'unknown' || heard.kind === 'unavailable') await calls.make(() => Promise.resolve(heard));
      }
      return calls.make(() => post(each));
    },
    ...(fateOf === undefined
      ? {}
      : {
          fateOf: async (providerId) => {
            let fate: PostFate = { kind: 'processing' };
            await calls.make(async () => {
              fate = await fateOf(providerId);
              return fate.kind === 'processing' && fate.unheard !== undefined ? fate.unheard : HEARD;
            });
            return fate;
          },
        }),
    check: () => calls.tryNow(check),
    hear: calls.hear,
    closed: calls.closed,
  };
}
