// An effect with its interval, or why there is none yet.
import type { Estimate } from '../../../../src/http/contract/results.ts';
import { Interval, useIntervalText } from '../../format/interval.tsx';
import { useWords } from './words.ts';

type EstimateProps = { readonly estimate: Estimate; readonly as: 'points' | 'count' | 'money' };

export function EstimateView({ estimate, as }: EstimateProps) {
  const say = useWords();
  if (estimate.kind === 'not_enough_data') return <span className="muted">{say(`not_enough_${estimate.reason}`)}</span>;
  return <Interval value={estimate.estimate} low={estimate.low} high={estimate.high} as={as} />;
}

/** The same as text, for tables and charts. */
export function useEstimateText(): (props: EstimateProps) => string {
  const say = useWords();
  const text = useIntervalText();
  return ({ estimate, as }) =>
    estimate.kind === 'not_enough_data'
      ? say(`not_enough_${estimate.reason}`)
      : text({ value: estimate.estimate, low: estimate.low, high: estimate.high, as });
}
