import { describe, expect, it } from 'vitest';
import type { FieldSchema, SegmentVocabulary } from '../../../../src/http/contract/segments.ts';
import { firstOf, operatorsOf, problemsOf } from './operators.ts';

const words = { en: '', zh: '' };
const text: FieldSchema = { type: 'string' };
const days: FieldSchema = { type: 'integer', minimum: 1, maximum: 3650 };
const operator = (fields: FieldSchema, example: { readonly kind: string; readonly [name: string]: unknown }) => ({
  kind: example.kind,
  label: words,
  group: { name: 'behaviour', label: words },
  fields,
  examples: [{ segment: example, words }],
});
const STEP: FieldSchema = {
  type: 'object',
  properties: { event: text, withinDays: days },
  required: ['event', 'withinDays'],
};
const VOCABULARY: SegmentVocabulary = {
  operators: [
    operator(
      {
        type: 'object',
        properties: {
          event: text,
          withinDays: days,
          steps: { type: 'array', items: STEP },
        },
        required: ['kind', 'event', 'steps'],
      },
      {
        kind: 'sequence',
        event: 'Ordered',
        withinDays: 90,
        steps: [
          { event: 'Ordered', withinDays: 1 },
          { event: 'Never Heard Of', withinDays: 7 },
        ],
      },
    ),
    operator(
      {
        type: 'object',
        properties: {
          name: text,
          in: { type: 'array', items: { anyOf: [text, { type: 'number' }] } },
        },
        required: ['kind', 'name'],
      },
      { kind: 'trait', name: 'tier', in: ['gold'] },
    ),
    operator(
      {
        type: 'object',
        properties: {
          in: { type: 'array', items: { type: 'string', enum: ['lost'] } },
        },
        required: ['in'],
      },
      { kind: 'stage', in: ['lost'] },
    ),
  ],
  groups: [],
  events: [{ name: 'Ordered', events: 1, people: 1 }],
  traits: [],
  products: [],
  categories: [],
  brands: [],
  channels: [],
  policies: [],
  programmes: [],
  segments: [],
  snapshots: [],
};

describe('conditions as the table of operators has them', () => {
  it('begin as the plainest example, without names that do not occur here', () => {
    expect(firstOf('sequence', VOCABULARY)).toEqual({
      kind: 'sequence',
      event: 'Ordered',
      withinDays: 90,
      steps: [{ event: 'Ordered', withinDays: 1 }, { withinDays: 7 }],
    });
    expect(firstOf('trait', VOCABULARY)).toEqual({ kind: 'trait' });
    expect(firstOf('stage', VOCABULARY)).toEqual({
      kind: 'stage',
      in: ['lost'],
    });
    expect(firstOf('segment', VOCABULARY)).toEqual({ kind: 'segment' });
  });
  it('say what is missing and where, within lists and negations too', () => {
    const root = {
      kind: 'and',
      of: [
        firstOf('sequence', VOCABULARY),
        { kind: 'not', of: firstOf('trait', VOCABULARY) },
        { kind: 'or', of: [] },
        { kind: 'nonsense' },
        { kind: 'segment' },
        firstOf('stage', VOCABULARY),
      ],
    };
    expect(problemsOf(root, operatorsOf(VOCABULARY))).toEqual([
      { kind: 'missing', field: 'event', place: 'segment.of.0.steps.1.event' },
      { kind: 'missing', field: 'name', place: 'segment.of.1.of.name' },
      { kind: 'empty', place: 'segment.of.2' },
      { kind: 'unknown', operator: 'nonsense', place: 'segment.of.3' },
      { kind: 'missing', field: 'id', place: 'segment.of.4.id' },
    ]);
  });
});
