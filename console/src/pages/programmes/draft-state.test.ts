import { describe, expect, it } from 'vitest';
import type { ProgrammeBody } from '../../../../src/http/contract/programmes.ts';
import { changeStep, edit, freeKey, idOf, messageStep, moveStep, removeStep, startEditing } from './draft-state.ts';

const body = (name: string): ProgrammeBody => ({
  programmeId: 'p',
  name,
  audience: { policyId: 'shop', stages: ['dormant'], segment: null },
  entry: { mode: 'once' },
  controlShare: 0.2,
  steps: [messageStep('nostalgic'), { kind: 'wait', days: 3 }, messageStep('question')],
  goal: { withinDays: 30 },
});
const kinds = ({ steps }: ProgrammeBody): string[] =>
  steps.map((step) => (step.kind === 'wait' ? `wait ${step.days}` : (step.variants[0]?.templateId ?? '')));

describe('editing with undo', () => {
  it('goes back over what was typed into one field at once, and forward again', () => {
    let state = startEditing(body('a'));
    for (const name of ['ab', 'abc']) state = edit(state, { kind: 'set', to: body(name), field: 'name' });
    state = edit(state, { kind: 'set', to: { ...body('abc'), controlShare: 0.3 }, field: 'controlShare' });
    state = edit(state, { kind: 'undo' });
    expect([state.now.name, state.now.controlShare]).toEqual(['abc', 0.2]);
    state = edit(state, { kind: 'undo' });
    expect(state.now.name).toBe('a');
    expect(edit(state, { kind: 'undo' })).toBe(state);
    state = edit(edit(state, { kind: 'redo' }), { kind: 'redo' });
    expect(state.now.controlShare).toBe(0.3);
    expect(edit(state, { kind: 'redo' })).toBe(state);
  });

  it('forgets what was undone as soon as something else is done', () => {
    let state = edit(startEditing(body('a')), { kind: 'set', to: body('b'), field: 'name' });
    state = edit(edit(state, { kind: 'undo' }), { kind: 'set', to: body('c'), field: 'name' });
    expect(edit(state, { kind: 'redo' }).now.name).toBe('c');
  });
});

describe('steps', () => {
  it('move, change and go', () => {
    expect(kinds(moveStep(body('a'), 0, 1))).toEqual(['wait 3', 'nostalgic', 'question']);
    expect(moveStep(body('a'), 0, -1)).toEqual(body('a'));
    expect(kinds(removeStep(body('a'), 1))).toEqual(['nostalgic', 'question']);
    expect(kinds(changeStep(body('a'), 1, () => ({ kind: 'wait', days: 9 })))).toEqual([
      'nostalgic',
      'wait 9',
      'question',
    ]);
  });

  it('give a new variant a key of its own', () => {
    const step = messageStep('x');
    expect(freeKey(step)).toBe('b');
    expect(freeKey({ ...step, variants: [{ key: 'b' }, { key: 'a' }] })).toBe('c');
  });

  it('make an identifier of a name', () => {
    expect(idOf('Win back, Autumn!', 'x')).toBe('win-back-autumn');
    expect(idOf('秋季唤醒', 'programme-7')).toBe('programme-7');
  });
});
