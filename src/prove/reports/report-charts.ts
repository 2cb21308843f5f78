// The report's charts as SVG text. Colours are classes of the style sheet, so one drawing serves light, dark and print; each chart is
// drawn for a wide and for a narrow page, so that its letters stay readable on a phone.
import type { Text } from '../../kernel/lang.ts';
import type { MonthRow } from '../../understand/picture/picture.ts';
import { chancesOfReturn, drawnCurve, type Analysis } from './analysis.ts';
import { inBoth } from './formats.ts';
import { markup, NOTHING, saySvg, when, type Html } from './markup.ts';
import { WORDS } from './picture-words.ts';

type Size = { readonly width: number; readonly height: number; readonly name: 'wide' | 'narrow' };
type Frame = Size & {
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
};

const round = (value: number): number => Math.round(value * 10) / 10;

/** 1, 2 or 5 times a power of ten: about `count` steps up to `most`. */
export function niceStep(most: number, count: number): number {
  const rough = Math.max(most, 1e-9) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((step) => step * power >= rough) ?? 10);
}

const ticks = (most: number, step: number): number[] =>
  Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => i * step);

/** Days people think in: weeks, months, quarters. */
const dayTicks = (last: number): number[] => {
  const step = [1, 7, 14, 30, 60, 90, 180, 365, 730].find((days) => last / days <= 7) ?? 730;
  return ticks(last, step);
};

const frameOf = (size: Size, xMost: number, yMost: number, left: number, top = 30, under = 42): Frame => {
  const right = 14;
  const bottom = size.height - under;
  return {
    ...size,
    left,
    top,
    bottom,
    x: (value) => round(left + (value / Math.max(xMost, 1e-9)) * (size.width - left - right)),
    y: (value) => round(bottom - (value / Math.max(yMost, 1e-9)) * (bottom - top)),
  };
};

const svg = (size: Size, labelledBy: string, inside: readonly Html[]): Html =>
  markup`<svg class="chart ${size.name}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${labelledBy}">${inside}</svg>`;

const inSizes = (
  draw: (size: Size) => Html,
  wide: readonly [number, number],
  narrow: readonly [number, number],
): Html =>
  markup`${draw({ width: wide[0], height: wide[1], name: 'wide' })}${draw({ width: narrow[0], height: narrow[1], name: 'narrow' })}`;

const gridLines = (frame: Frame, values: readonly number[], label: (value: number) => Text): Html[] =>
  values.map(
    (value) =>
      markup`<line class="grid" x1="${frame.left}" x2="${frame.width - 14}" y1="${frame.y(value)}" y2="${frame.y(value)}" /><text class="tick end" x="${frame.left - 8}" y="${frame.y(value) + 4}">${saySvg(label(value))}</text>`,
  );

type Mark = { readonly day: number; readonly label: Text; readonly kind: 'advised' | 'in-use' };

const marksOf = ({ picture, windowDays }: Analysis, last: number): Mark[] => {
  const { recommendedThreshold: found } = picture;
  const within = (day: number, label: Text, kind: Mark['kind']): Mark[] =>
    day <= last ? [{ day, label: { en: `${label.en} ${day} d`, zh: `${label.zh} ${day} 天` }, kind }] : [];
  return [
    ...(found.kind === 'recommended' ? within(found.days, WORDS.recommended, 'advised') : []),
    ...(windowDays === undefined ? [] : within(windowDays, WORDS.yourWindow, 'in-use')),
  ].sort((p, q) => p.day - q.day);
};

/** Vertical lines with their labels above the plot; the later one's is lower and its line begins there, so they do not cross. */
const drawMarks = (frame: Frame, marks: readonly Mark[]): Html[] =>
  marks.map(({ day, label, kind }, row) => {
    const x = frame.x(day);
    const y = frame.top - 18 + row * 13;
    const side = x > frame.width * 0.6 ? 'end' : 'start';
    return markup`<line class="mark ${kind}" x1="${x}" x2="${x}" y1="${y - 8}" y2="${frame.bottom}" /><text class="mark-label ${kind} ${side}" x="${side === 'end' ? x - 5 : x + 5}" y="${y}">${saySvg(label)}</text>`;
  });

const dayAxis = (frame: Frame, last: number): Html[] => [
  markup`<line class="axis" x1="${frame.left}" x2="${frame.width - 14}" y1="${frame.bottom}" y2="${frame.bottom}" />`,
  ...dayTicks(last).map(
    (day) => markup`<text class="tick middle" x="${frame.x(day)}" y="${frame.bottom + 17}">${day}</text>`,
  ),
  markup`<text class="axis-name end" x="${frame.width - 14}" y="${frame.bottom + 35}">${saySvg({ en: 'silent days', zh: '沉默天数' })}</text>`,
];

const percentLabel = (value: number): Text => inBoth('USD', (f) => f.percent(value, 0));

/** Steps of at most this many points: more than the pixels there are to draw them. */
const POINTS_MAX = 260;
const thinned = <T>(points: readonly T[]): T[] => {
  const every = Math.ceil(points.length / POINTS_MAX);
  return points.filter((_, i) => i % every === 0 || i === points.length - 1);
};

const path = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');

/** A step function: each value holds until the next point. */
const steps = (points: readonly (readonly [number, number])[]): (readonly [number, number])[] =>
  points.flatMap(([x, y], i) => (i === 0 ? [[x, y] as const] : [[x, points[i - 1]![1]] as const, [x, y] as const]));

/** Share of silences that have ended by each silent day, with its 95% band. */
export function curveChart(analysis: Analysis, labelledBy: string): Html {
  const points = thinned(drawnCurve(analysis.picture));
  const last = points.at(-1)?.day ?? 0;
  if (points.length < 2 || last === 0) return NOTHING;
  const most = Math.max(...points.map((point) => 1 - point.low));
  const step = niceStep(most, 5);
  const yMost = Math.min(1, Math.ceil(most / step - 1e-9) * step);
  const draw = (size: Size): Html => {
    const frame = frameOf(size, last, yMost, 48);
    const at = (share: (point: (typeof points)[number]) => number) =>
      steps(points.map((point) => [frame.x(point.day), frame.y(share(point))] as const));
    const band = `${path(at((point) => 1 - point.low))}${path([...at((point) => 1 - point.high)].reverse()).replace('M', 'L')}Z`;
    return svg(size, labelledBy, [
      ...gridLines(frame, ticks(yMost, step), percentLabel),
      markup`<path class="band" d="${band}" />`,
      markup`<path class="line" d="${path(at((point) => 1 - point.stillSilent))}" />`,
      ...dayAxis(frame, last),
      ...drawMarks(frame, marksOf(analysis, last)),
    ]);
  };
  return inSizes(draw, [520, 310], [350, 280]);
}

/** Of those still silent on a day, the share that comes back unaided within the horizon. */
export function chanceChart(analysis: Analysis, labelledBy: string): Html {
  const points = thinned(chancesOfReturn(analysis.picture));
  const last = points.at(-1)?.day ?? 0;
  if (points.length < 2) return NOTHING;
  const most = Math.max(...points.map((point) => point.chance));
  const step = niceStep(most, 5);
  const yMost = Math.min(1, Math.ceil(most / step - 1e-9) * step);
  const draw = (size: Size): Html => {
    const frame = frameOf(size, last, yMost, 48);
    const line = points.map(({ day, chance }) => [frame.x(day), frame.y(chance)] as const);
    const area = `${path(line)}L${frame.x(last)} ${frame.bottom}L${frame.x(points[0]!.day)} ${frame.bottom}Z`;
    return svg(size, labelledBy, [
      ...gridLines(frame, ticks(yMost, step), percentLabel),
      markup`<path class="area" d="${area}" />`,
      markup`<path class="line" d="${path(line)}" />`,
      ...dayAxis(frame, last),
      ...drawMarks(frame, marksOf(analysis, last)),
    ]);
  };
  return inSizes(draw, [520, 310], [350, 280]);
}

export const MONTHS_SHOWN = 36;

const monthLabel = (month: string): string => month.slice(0, 7);

/** Dormant people as an area; active, newly dormant and returned people as bars beside each other. */
export function monthsChart(months: readonly MonthRow[], labelledBy: string): Html {
  const shown = months.slice(-MONTHS_SHOWN);
  if (shown.length < 2) return NOTHING;
  const flow = ['activePeople', 'becameDormant', 'returned'] as const;
  const most = Math.max(1, ...shown.flatMap((row) => [row.dormantAtEnd, ...flow.map((name) => row[name])]));
  const draw = (size: Size): Html => {
    const step = Math.max(1, niceStep(most, 5));
    const yMost = Math.ceil(most / step) * step;
    const frame = frameOf(size, shown.length, yMost, 56, 14, 26);
    const slot = frame.x(1) - frame.x(0);
    const bar = (slot * 0.72) / flow.length;
    const every = Math.ceil(shown.length / (size.name === 'wide' ? 12 : 5));
    const middles = shown.map((row, i) => [frame.x(i + 0.5), frame.y(row.dormantAtEnd)] as const);
    const area = `${path(middles)}L${middles.at(-1)![0]} ${frame.bottom}L${middles[0]![0]} ${frame.bottom}Z`;
    const bars = shown.flatMap((row, i) =>
      flow.map((name, k) => {
        const x = round(frame.x(i) + slot * 0.14 + k * bar);
        const y = frame.y(row[name]);
        return markup`<rect class="${name}" x="${x}" y="${y}" width="${round(bar * 0.86)}" height="${round(frame.bottom - y)}" rx="1.5" />`;
      }),
    );
    return svg(size, labelledBy, [
      ...gridLines(frame, ticks(yMost, step), (value) => inBoth('USD', (f) => f.count(value))),
      markup`<path class="stock" d="${area}" />`,
      ...bars,
      markup`<path class="stock-line" d="${path(middles)}" />`,
      markup`<line class="axis" x1="${frame.left}" x2="${frame.width - 14}" y1="${frame.bottom}" y2="${frame.bottom}" />`,
      ...shown.map((row, i) =>
        when(
          (shown.length - 1 - i) % every === 0,
          () =>
            markup`<text class="tick middle" x="${frame.x(i + 0.5)}" y="${frame.bottom + 17}">${monthLabel(row.month)}</text>`,
        ),
      ),
    ]);
  };
  return inSizes(draw, [1040, 330], [350, 280]);
}
