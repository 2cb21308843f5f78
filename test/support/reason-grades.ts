// How good are reasons, where the truth is known? Top-1 accuracy, calibration of the top answer, log loss; and simulated survey answers.
import { seededRng } from '../../src/kernel/random.ts';
import { sql } from '../../src/kernel/sql.ts';
import { REASONS, type Reason } from '../../src/understand/reasons/causes.ts';
import { softmax, TABLE_MODEL } from '../../src/understand/reasons/model.ts';
import type { ReasonAnswer } from '../../src/understand/surveys/answers.sql.ts';
import type { DemoWorld } from './demo-world.ts';

export type Graded = { readonly probabilities: readonly number[]; readonly truth: Reason };
export type Grade = {
  readonly people: number;
  readonly accuracy: number;
  /** Expected calibration error of the top answer, ten equal bins (Guo et al. 2017): Σ |bin| / n · |share right − mean confidence|. */
  readonly ece: number;
  readonly logLoss: number;
};

const BINS = 10;

export function gradeOf(graded: readonly Graded[]): Grade {
  const gap = Array.from({ length: BINS }, () => 0);
  let right = 0;
  let loss = 0;
  for (const { probabilities, truth } of graded) {
    const confidence = Math.max(...probabilities);
    const isRight = REASONS[probabilities.indexOf(confidence)] === truth;
    const bin = Math.min(BINS - 1, Math.floor(confidence * BINS));
    gap[bin]! += (isRight ? 1 : 0) - confidence;
    if (isRight) right++;
    loss -= Math.log(Math.max(1e-12, probabilities[REASONS.indexOf(truth)]!));
  }
  const people = graded.length;
  const ece = gap.reduce((sum, g) => sum + Math.abs(g), 0) / people;
  return { people, accuracy: right / people, ece, logLoss: loss / people };
}

/** The table without any signal, and the answer that is right most often given to everybody with exactly its share. */
export function baselines(graded: readonly Graded[]): { readonly priorOnly: Grade; readonly majority: Grade } {
  const shares = REASONS.map((reason) => graded.filter(({ truth }) => truth === reason).length / graded.length);
  const everybody = (probabilities: readonly number[]): Grade =>
    gradeOf(graded.map(({ truth }) => ({ truth, probabilities })));
  return { priorOnly: everybody(softmax(TABLE_MODEL.priors)), majority: everybody(shares) };
}

/** A random tenth of the quiet people answers; four of five name the real reason, the others any of the rest. */
export async function simulatedAnswers(
  world: DemoWorld,
  seed: number,
  share = 0.1,
  truthful = 0.8,
): Promise<ReasonAnswer[]> {
  const people = await world.events.rows<{ person_id: string }>(
    sql`SELECT person_id FROM person_reasons ORDER BY person_id`,
  );
  const rng = seededRng(`answers/${seed}`);
  return people.flatMap(({ person_id: personId }) => {
    if (!rng.chance(share)) return [];
    const truth = world.trueReason(personId);
    const reason = rng.chance(truthful) ? truth : rng.pick(REASONS.filter((other) => other !== truth));
    return [{ personId, reason }];
  });
}

/** What stands in `person_reasons`, beside the truth, without the people of `except`. */
export async function gradedPeople(world: DemoWorld, except: ReadonlySet<string> = new Set()): Promise<Graded[]> {
  const rows = await world.events.rows<{ person_id: string; probabilities: Readonly<Record<Reason, number>> }>(
    sql`SELECT person_id, probabilities FROM person_reasons ORDER BY person_id`,
  );
  return rows
    .filter((row) => !except.has(row.person_id))
    .map((row) => ({
      truth: world.trueReason(row.person_id),
      probabilities: REASONS.map((reason) => row.probabilities[reason]),
    }));
}
