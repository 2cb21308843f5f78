// bench reasons: how well the engine, which never sees the truth, names why the people of a demo world went quiet. Seeds 1–3 tuned the
// table of signals; give others: `node bench/reasons.ts 101 102`. BENCH_PEOPLE sets the size of the world.
import { demoWorld, WORLD_NOW } from '../test/support/demo-world.ts';
import { baselines, gradedPeople, gradeOf, simulatedAnswers, type Grade } from '../test/support/reason-grades.ts';
import { explainQuiet } from '../src/understand/reasons/reasons.service.ts';

const PEOPLE = Number(process.env['BENCH_PEOPLE'] ?? 20_000);
const given = process.argv.slice(2).map(Number).filter(Number.isFinite);
const seeds = given.length > 0 ? given : [101];

const say = (what: string, { accuracy, ece, logLoss, people }: Grade): void =>
  console.log(
    `${what.padEnd(46)} top-1 ${accuracy.toFixed(3)}   calibration error ${ece.toFixed(3)}   log loss ${logLoss.toFixed(3)}   (${people} people)`,
  );

for (const seed of seeds) {
  const world = await demoWorld(seed, PEOPLE);
  try {
    const explain = { policyId: world.policyId, now: WORLD_NOW };
    const start = performance.now();
    const before = await explainQuiet(world.events, { ...explain, answers: [] });
    const seconds = (performance.now() - start) / 1000;
    console.log(`seed ${seed}: ${world.people} people, ${before.people} quiet, explained in ${seconds.toFixed(1)} s`);
    const graded = await gradedPeople(world);
    const { priorOnly, majority } = baselines(graded);
    say('majority reason for everybody', majority);
    say('priors of the table, no signals', priorOnly);
    say('table of signals', gradeOf(graded));
    const answers = await simulatedAnswers(world, seed);
    const after = await explainQuiet(world.events, { ...explain, answers });
    const answered = new Set(answers.map((answer) => answer.personId));
    say(`recalibrated by ${answers.length} answers, the silent`, gradeOf(await gradedPeople(world, answered)));
    say('the same, everybody', gradeOf(await gradedPeople(world)));
    for (const [name, { shares }] of [
      ['table', before],
      ['survey', after],
    ] as const) {
      const shown = shares.map(({ reason, share, low, high }) => {
        const real = graded.filter(({ truth }) => truth === reason).length / graded.length;
        return `${reason} ${share.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}] true ${real.toFixed(3)}`;
      });
      console.log(`  shares (${name}): ${shown.join(' · ')}`);
    }
  } finally {
    await world.close();
  }
}
