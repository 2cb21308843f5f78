// One programme's result: the effect and its money first, then how it grew, for whom, what followed, and whether it may be believed.
import { Button } from 'antd';
import { DownloadOutlined, PrinterOutlined } from '@ant-design/icons';
import { Link, useParams } from 'react-router';
import type { ReportAnswer, ResultsAnswer } from '../../../../src/http/contract/results.ts';
import { useApi } from '../../api/queries.ts';
import { FigureTable } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { LeftOut } from '../../frame/left-out.tsx';
import { Figure, PageFrame, Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { ArmsTable } from './arms-table.tsx';
import { EstimateView, useEstimateText } from './estimate-view.tsx';
import { GroupChart } from './group-chart.tsx';
import { LiftChart } from './lift-chart.tsx';
import { downloadReport } from './report-file.ts';
import { Trust } from './trust.tsx';
import { useWords } from './words.ts';
import './results.css';

type OfArm = { readonly days: number; readonly arm: string };

/** As everywhere on the page, and each horizon of both groups side by side. */
const treatedFirst = (a: OfArm, b: OfArm): number =>
  a.days - b.days || Number(a.arm === 'control') - Number(b.arm === 'control');

export function ProgrammeResult() {
  const say = useWords();
  const { programmeId = '' } = useParams();
  const report = useApi('GET /programmes/{programmeId}/report', { params: { programmeId } });
  const results = useApi('GET /programmes/{programmeId}/results', { params: { programmeId } });
  const name = report.data?.name ?? programmeId;
  return (
    <PageFrame
      title={say('title')}
      question={say('question_of', { name })}
      intro={
        <>
          <Link to="/results" className="results-back">
            {say('all')}
          </Link>
          {report.data === undefined ? null : <AsOf report={report.data} />}
        </>
      }
      actions={
        <>
          <Button icon={<PrinterOutlined />} onClick={() => window.print()}>
            {say('print')}
          </Button>
          <Button
            icon={<DownloadOutlined />}
            disabled={report.data === undefined}
            onClick={() => report.data === undefined || downloadReport(report.data, results.data)}
          >
            {say('export')}
          </Button>
        </>
      }
    >
      <Loaded query={report}>{(data) => <Headline report={data} results={results.data} />}</Loaded>
      <Loaded query={results} rows={8}>
        {(data) => (
          <>
            <LiftChart points={data.overTime} />
            <GroupChart groups={data.groups} />
            <SecondLives results={data} />
          </>
        )}
      </Loaded>
      <Loaded query={report}>{(data) => <Trust report={data} />}</Loaded>
    </PageFrame>
  );
}

function AsOf({ report }: { readonly report: ReportAnswer }) {
  const say = useWords();
  const format = useFormat();
  return <span>{say('as_of', { at: format.instant(report.until), days: report.goalDays })}</span>;
}

function Headline({ report, results }: { readonly report: ReportAnswer; readonly results: ResultsAnswer | undefined }) {
  const say = useWords();
  const format = useFormat();
  const { total, treated, control } = report;
  const cost = total.costPerIncrementalReturnCents;
  return (
    <>
      <div className="figures">
        <Figure
          tone="accent"
          label={say('incremental_returns')}
          value={<EstimateView estimate={total.incrementalReturns} as="count" />}
          note={say('incremental_note', { people: format.count(treated.people) })}
        />
        <Figure
          label={say('lift')}
          value={<EstimateView estimate={total.returnRateLift} as="points" />}
          note={say('against', {
            treated: format.percent(treated.returnRate),
            control: format.percent(control.returnRate),
          })}
        />
        <Figure
          label={say('net_margin')}
          value={<EstimateView estimate={total.netIncrementalMarginCents} as="money" />}
          note={say('net_margin_note')}
        />
        <Figure
          label={say('cost_per_return')}
          value={cost === null ? '–' : format.money(cost)}
          note={cost === null ? say('cost_per_return_none') : say('cost_per_return_note')}
        />
      </div>
      <LeftOut told={report.leftOut} />
      <Section title={say('arms')} text={say('arms_text')}>
        <ArmsTable report={report} />
        {results === undefined ? null : (
          <p className="results-attributed muted">
            {say('attributed', {
              days: results.attributed.windowDays,
              returned: format.count(results.attributed.returned),
              revenue: format.money(results.attributed.revenueCents),
            })}
          </p>
        )}
      </Section>
    </>
  );
}

function SecondLives({ results }: { readonly results: ResultsAnswer }) {
  const say = useWords();
  const format = useFormat();
  const text = useEstimateText();
  const dash = (value: number | null, show: (value: number) => string): string => (value === null ? '–' : show(value));
  return (
    <>
      <Section title={say('second_life')} text={say('second_life_text')}>
        <div className="results-scroll" tabIndex={0} role="region" aria-label={say('second_life')}>
          <FigureTable
            label={say('second_life')}
            table={{
              columns: [
                { title: say('column_days') },
                { title: say('column_arm') },
                { title: say('column_observed'), align: 'right' },
                { title: say('column_kept'), align: 'right' },
                { title: say('column_orders_each'), align: 'right' },
                { title: say('column_revenue_each'), align: 'right' },
              ],
              rows: results.secondLife
                .toSorted(treatedFirst)
                .map((life) => [
                  say('days', { count: life.days, n: life.days }),
                  say(`arm_${life.arm}`),
                  say('observed_of', { observed: format.count(life.observed), returned: format.count(life.returned) }),
                  dash(life.keptShare, (share) => format.percent(share)),
                  dash(life.ordersPerPerson, (orders) => format.decimal(orders, 2)),
                  dash(life.revenueCentsPerPerson, format.money),
                ]),
            }}
          />
        </div>
      </Section>
      <Section title={say('long_run')} text={say('long_run_text')}>
        <div className="results-scroll" tabIndex={0} role="region" aria-label={say('long_run')}>
          <FigureTable
            label={say('long_run')}
            table={{
              columns: [
                { title: say('column_after') },
                { title: say('column_people'), align: 'right' },
                { title: say('lift'), align: 'right' },
                { title: say('net_margin'), align: 'right' },
              ],
              rows: results.longRun.map(({ days, people, comparison }) => [
                say('days', { count: days, n: days }),
                format.count(people),
                text({ estimate: comparison.returnRateLift, as: 'points' }),
                text({ estimate: comparison.netIncrementalMarginCents, as: 'money' }),
              ]),
            }}
          />
        </div>
      </Section>
    </>
  );
}
