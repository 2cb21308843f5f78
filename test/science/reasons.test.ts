// The engine, which never sees the truth, names why the people of a demo world went quiet. Seed 101 was not used for tuning (1–3 were).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainQuiet } from '../../src/understand/reasons/reasons.service.ts';
import { demoWorld, WORLD_NOW, type DemoWorld } from '../support/demo-world.ts';
import { baselines, gradedPeople, gradeOf, simulatedAnswers } from '../support/reason-grades.ts';

const SEED = 101;

describe('reasons on a held-out world of 5,000 people', () => {
  let world: DemoWorld;
  beforeAll(async () => {
    world = await demoWorld(SEED, 5_000);
  });
  afterAll(() => world.close());

  it('beats the majority and the priors clearly and is calibrated within 0.05', async () => {
    await explainQuiet(world.events, { policyId: world.policyId, now: WORLD_NOW, answers: [] });
    const graded = await gradedPeople(world);
    expect(graded.length).toBeGreaterThan(1_000);
    const grade = gradeOf(graded);
    const { priorOnly, majority } = baselines(graded);
    expect(grade.accuracy).toBeGreaterThan(2 * Math.max(majority.accuracy, priorOnly.accuracy));
    expect(grade.logLoss).toBeLessThan(majority.logLoss - 0.5);
    expect(grade.ece).toBeLessThanOrEqual(0.05);
  });

  it('stays so when a tenth has answered, of whom a fifth did not tell the reason', async () => {
    const answers = await simulatedAnswers(world, SEED);
    const { weights, shares } = await explainQuiet(world.events, { policyId: world.policyId, now: WORLD_NOW, answers });
    expect(weights).toMatchObject({ kind: 'survey', answers: answers.length });
    const graded = await gradedPeople(world, new Set(answers.map((answer) => answer.personId)));
    const { majority } = baselines(graded);
    const grade = gradeOf(graded);
    expect(grade.accuracy).toBeGreaterThan(2 * majority.accuracy);
    expect(grade.ece).toBeLessThanOrEqual(0.05);
    const everybody = await gradedPeople(world);
    // Seven intervals of 95%: one may miss.
    const held = shares.filter(({ reason, low, high }) => {
      const real = everybody.filter(({ truth }) => truth === reason).length / everybody.length;
      return low < real && real < high;
    });
    expect(held.length).toBeGreaterThanOrEqual(6);
  });
});
