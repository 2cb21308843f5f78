// What happened in each arm: everybody assigned counts, contacted or not.
import type { ArmFigures, ReportAnswer } from '../../../../src/http/contract/results.ts';
import { FigureTable } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useEstimateText } from './estimate-view.tsx';
import { useWords } from './words.ts';

const RIGHT = 'right' as const;

export function ArmsTable({ report }: { readonly report: ReportAnswer }) {
  const say = useWords();
  const format = useFormat();
  const text = useEstimateText();
  const row = (name: string, arm: ArmFigures, lift: string) => [
    name,
    format.count(arm.people),
    format.count(arm.contacted),
    format.count(arm.clicked),
    format.count(arm.returned),
    format.percent(arm.returnRate),
    lift,
    format.money(arm.revenueCents),
    format.money(arm.offerCostCents + arm.messageCostCents),
    format.money(arm.netMarginCents),
  ];
  const lift = (comparison: ReportAnswer['total']): string =>
    text({ estimate: comparison.returnRateLift, as: 'points' });
  const variants = report.variants.length > 1 ? report.variants : [];
  return (
    <div className="results-scroll" tabIndex={0} role="region" aria-label={say('arms')}>
      <FigureTable
        label={say('arms')}
        table={{
          columns: [
            { title: say('column_arm') },
            { title: say('column_people'), align: RIGHT },
            { title: say('column_contacted'), align: RIGHT },
            { title: say('column_clicked'), align: RIGHT },
            { title: say('column_returned'), align: RIGHT },
            { title: say('return_rate'), align: RIGHT },
            { title: say('lift'), align: RIGHT },
            { title: say('column_revenue'), align: RIGHT },
            { title: say('column_cost'), align: RIGHT },
            { title: say('column_margin'), align: RIGHT },
          ],
          rows: [
            row(say('arm_treated'), report.treated, lift(report.total)),
            ...variants.map(({ key, figures, comparison }) =>
              row(say('arm_variant', { key }), figures, lift(comparison)),
            ),
            row(say('arm_control'), report.control, '–'),
          ],
        }}
      />
    </div>
  );
}
