// An ad network behind its account's brake: whatever is asked of it is heard, and nothing is asked while it is closed.
import { brakedCalls, type BrakeOptions } from '../channels/braked-calls.ts';
import type { SendOutcome } from '../channels/channel.ts';
import type { AudienceNetwork } from './network.ts';

/** Calls are few and large, and each may wait long for its answer. */
const SILENCES_MAX = 3;
const HEARD: SendOutcome = { kind: 'sent', providerId: '', response: '' };

export function brakedNetwork(network: AudienceNetwork, options: BrakeOptions): AudienceNetwork {
  const calls = brakedCalls({ silencesMax: SILENCES_MAX, ...options });
  /** Makes a call whose answer is more than an outcome; without one it was not made, and the outcome says why. */
  const asked = async <Answer>(
    call: () => Promise<Answer>,
    outcomeOf: (answer: Answer) => SendOutcome,
  ): Promise<{ readonly answer: Answer } | { readonly closed: Exclude<SendOutcome, { kind: 'sent' }> }> => {
    const answers: Answer[] = [];
    const outcome = await calls.make(async () => {
      const answer = await call();
      answers.push(answer);
      return outcomeOf(answer);
    });
    const [answer] = answers;
    if (answer !== undefined) return { answer };
    if (outcome.kind === 'sent') throw new Error('a call that was not made was taken');
    return { closed: outcome };
  };
  const { create, fateOf } = network;
  return {
    ...network,
    ...(create === undefined
      ? {}
      : {
          create: async (name) => {
            const said = await asked(
              () => create(name),
              (made) => (made.kind === 'created' ? HEARD : made),
            );
            return 'answer' in said ? said.answer : said.closed;
          },
        }),
    ...(fateOf === undefined
      ? {}
      : {
          fateOf: async (providerId) => {
            const said = await asked(
              () => fateOf(providerId),
              (fate) => (fate.kind === 'processing' ? (fate.unheard ?? HEARD) : HEARD),
            );
            return 'answer' in said ? said.answer : { kind: 'processing', unheard: said.closed };
          },
        }),
    apply: async (call) => {
      const said = await asked(
        () => network.apply(call),
        ({ outcome }) => outcome,
      );
      return 'answer' in said ? said.answer : { outcome: said.closed };
    },
    hear: calls.hear,
    closed: calls.closed,
  };
}
