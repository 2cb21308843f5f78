// What really is the case in the simulated shop: why people went quiet, who returns unaided, what contacts really change.
// Grading only: nothing that decides or estimates may import this file.
import type { Life } from './life.ts';
import { chanceUnaided } from './life.ts';
import type { LifeKind, Reason } from './nature.ts';
import { indexOfPersonId } from './people.ts';
import {
  annoyanceOf,
  attentionTo,
  type Contact,
  delayShareWithin,
  eager,
  type Fate,
  fateOf,
  pullOf,
  type Treatment,
} from './potential.ts';
import type { World } from './world.ts';

export type TrueReason = {
  readonly kind: LifeKind;
  readonly reason: Reason | null;
  readonly quietAt: Date | null;
  readonly traced: boolean;
};

export type SampleEffect = {
  readonly people: number;
  readonly contacted: number;
  readonly returnedTreated: number;
  readonly returnedUnaided: number;
  /** Treated minus unaided returns of exactly these people: no sampling error. */
  readonly incrementalReturns: number;
  /** `incrementalReturns / people`, a difference of shares; 0 for nobody. */
  readonly lift: number;
  readonly drivenAway: number;
};

export type Truth = {
  /** Null for a person who had not gone quiet by `asOf` (end of history unless given), or never does. */
  readonly reason: (personId: string, asOf?: Date) => TrueReason | null;
  /** First order in the horizon if nobody contacts her; null if there is none. */
  readonly returnsUnaided: (personId: string, from?: Date) => Date | null;
  readonly returnsTreated: (personId: string, contacts: readonly Contact[]) => Date | null;
  /** Chance of an unaided return between `at` and the end of the horizon, given her past. */
  readonly unaidedChance: (personId: string, at?: Date) => number;
  /**
   * Expected change in the chance of returning before the end of the horizon from one delivered message at `at`:
   * s·[h·F·(1−p0) − (1−h′)·b·p0], with s attention, h pull, F share of delays that fit, p0 unaided chance, b annoyance and
   * h′ the pull on those who would return anyway. Ignores unaided returns between delivery and reading (hours).
   */
  readonly expectedUplift: (personId: string, treatment: Treatment, at?: Date) => number;
  /** The exact effect of the contacts really made on these people, whether or not each of them was contacted. */
  readonly liftOf: (personIds: Iterable<string>, contactsOf: (personId: string) => readonly Contact[]) => SampleEffect;
};

export function truthOf(world: World): Truth {
  const { span, season } = world.hidden;
  const indexOf = (personId: string): number => {
    const index = indexOfPersonId(personId);
    if (world.hidden.residents[index] === undefined) throw new RangeError(`nobody is called ${personId}`);
    return index;
  };
  const lifeOf = (personId: string): Life => world.hidden.lives[indexOf(personId)]!;
  const fate = (personId: string, contacts: readonly Contact[]): Fate => {
    const index = indexOf(personId);
    return fateOf(world.hidden.subjectOf(index), world.hidden.drawsOf(index), contacts, span.historyEndMs, span.endMs);
  };
  const horizonStart = new Date(span.historyEndMs);
  const dateOrNull = (ms: number | null | undefined): Date | null =>
    ms === null || ms === undefined ? null : new Date(ms);
  const unaidedChance = (personId: string, at = horizonStart): number => {
    const subject = world.hidden.subjectOf(indexOf(personId));
    return chanceUnaided(subject.nature, subject.life, season, at.getTime(), span.endMs);
  };

  return {
    reason: (personId, asOf = horizonStart) => {
      const { nature } = world.hidden.residents[indexOf(personId)]!;
      if (nature.quietMs >= asOf.getTime()) return null;
      return {
        kind: nature.kind,
        reason: nature.reason,
        quietAt: new Date(nature.quietMs),
        traced: nature.trace !== 'none',
      };
    },
    returnsUnaided: (personId, from = horizonStart) =>
      dateOrNull(lifeOf(personId).orderMs.find((ms) => ms >= from.getTime() && ms < span.endMs)),
    returnsTreated: (personId, contacts) => dateOrNull(fate(personId, contacts).treatedMs),
    unaidedChance,
    expectedUplift: (personId, treatment, at = horizonStart) => {
      const subject = world.hidden.subjectOf(indexOf(personId));
      const unaided = unaidedChance(personId, at);
      const pull = pullOf(subject, treatment, at, 0);
      const gained = pull * delayShareWithin(span.endMs - at.getTime()) * (1 - unaided);
      const lost = (1 - eager(pull)) * annoyanceOf(subject.nature, 0) * unaided;
      return attentionTo(subject, treatment.channel) * (gained - lost);
    },
    liftOf: (personIds, contactsOf) => {
      let people = 0;
      let contacted = 0;
      let returnedTreated = 0;
      let returnedUnaided = 0;
      let drivenAway = 0;
      for (const personId of personIds) {
        const contacts = contactsOf(personId);
        const { treatedMs, unaidedMs, drivenAwayMs } = fate(personId, contacts);
        people++;
        if (contacts.length > 0) contacted++;
        if (treatedMs !== null) returnedTreated++;
        if (unaidedMs !== null) returnedUnaided++;
        if (drivenAwayMs !== null) drivenAway++;
      }
      const incrementalReturns = returnedTreated - returnedUnaided;
      return {
        people,
        contacted,
        returnedTreated,
        returnedUnaided,
        incrementalReturns,
        lift: people === 0 ? 0 : incrementalReturns / people,
        drivenAway,
      };
    },
  };
}
