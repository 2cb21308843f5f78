import { expect, it } from 'vitest';
import { startOf, stepped, type History, type Step } from './history.ts';

const tree = (name: string) => ({ kind: 'bucket', salt: name });
const run = (...steps: Step[]): History => steps.reduce(stepped, startOf(tree('a')));
const change = (name: string, at: number, place?: string): Step => ({
  kind: 'change',
  tree: tree(name),
  at,
  ...(place === undefined ? {} : { place }),
});

it('takes steps back and forth; a new step forgets what was taken back', () => {
  const back = run(change('b', 0), change('c', 5_000), { kind: 'undo' });
  expect(back.present).toEqual(tree('b'));
  expect(stepped(back, { kind: 'redo' }).present).toEqual(tree('c'));
  expect(stepped(back, change('d', 9_000)).future).toEqual([]);
  expect(run({ kind: 'undo' }).present).toEqual(tree('a'));
});

it('takes what is typed into one field within a second for one step', () => {
  const typed = run(change('b', 0, 'x'), change('c', 400, 'x'), change('d', 900, 'x'));
  expect(stepped(typed, { kind: 'undo' }).present).toEqual(tree('a'));
  const elsewhere = run(change('b', 0, 'x'), change('c', 400, 'y'));
  expect(stepped(elsewhere, { kind: 'undo' }).present).toEqual(tree('b'));
});
