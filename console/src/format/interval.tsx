// An estimate with its interval: "+8.2 points (4.8 … 11.6)". The way every effect is shown.
import { useShared } from '../words/language.ts';
import { useFormat } from './use-format.ts';

type IntervalProps = {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** `points`: shares as percentage points; `count`: people; `money`: cents. */
  readonly as: 'points' | 'count' | 'money';
};

/** The same as text, for tables, charts and labels. */
export function useIntervalText(): (interval: IntervalProps) => string {
  const say = useShared();
  const format = useFormat();
  return ({ value, low, high, as }) => {
    switch (as) {
      case 'points': {
        const points = format.pointsNumber(value);
        return say('interval', {
          value: say('points', { n: points, count: points === '+1.0' ? 1 : 2 }),
          low: format.pointsNumber(low).replace('+', ''),
          high: format.pointsNumber(high).replace('+', ''),
        });
      }
      case 'count':
        return say('interval', {
          value: format.signedCount(value),
          low: format.count(Math.round(low)),
          high: format.count(Math.round(high)),
        });
      case 'money':
        return say('interval', { value: format.signedMoney(value), low: format.money(low), high: format.money(high) });
    }
  };
}

export function Interval(props: IntervalProps) {
  const say = useShared();
  const text = useIntervalText()(props);
  // The bracket is part of the number, but the eye wants the estimate first.
  const at = text.search(/[（(]/);
  return (
    <span className="interval" title={say('interval_help')}>
      {text.slice(0, at)}
      <span className="interval-range">{text.slice(at)}</span>
    </span>
  );
}
