// Would the policy have been right, and how good is what it predicts with?
import { Button, DatePicker } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useMemo, useState } from 'react';
import type {
  BacktestWire,
  ModelWire,
  PolicyWire,
  ReturnEvidenceWire,
} from '../../../../src/http/contract/policies.ts';
import { useApi } from '../../api/queries.ts';
import { Chart, FigureRegion } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Figure, Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useTheme } from '../../theme/theme-choice.tsx';
import { useLanguage, useShared } from '../../words/language.ts';
import { daysBefore } from './days.ts';
import { useWords } from './words.ts';

const DATES = 6;
const DAYS_APART = 30;
const DATES_MAX = 24;

export function Proof({ policy }: { readonly policy: PolicyWire }) {
  const say = useWords();
  // The picture knows the last day of the data and the horizon.
  const picture = useApi('POST /policies/preview', { body: { policy } });
  return (
    <>
      <Section title={say('backtest')} text={say('backtest_text')}>
        <Loaded query={picture}>
          {({ asOf, horizonDays }) => <Backtest policy={policy} asOf={asOf} horizonDays={horizonDays} />}
        </Loaded>
      </Section>
      <Model policyId={policy.policyId} />
    </>
  );
}

type BacktestProps = { readonly policy: PolicyWire; readonly asOf: string; readonly horizonDays: number };

function Backtest({ policy, asOf, horizonDays }: BacktestProps) {
  const say = useWords();
  const shared = useShared();
  const usual = useMemo(
    () => Array.from({ length: DATES }, (_, i) => daysBefore(asOf, horizonDays + 1 + DAYS_APART * (DATES - 1 - i))),
    [asOf, horizonDays],
  );
  const [chosen, choose] = useState<readonly string[]>(usual);
  const [asked, ask] = useState<readonly string[]>(usual);
  const result = useApi(
    'POST /policies/backtest',
    { body: { policy, on: asked, horizonDays } },
    { enabled: asked.length > 0, keepPrevious: true },
  );
  return (
    <>
      <div className="dormancy-dates">
        <DatePicker
          multiple
          format={shared('date_format')}
          maxTagCount="responsive"
          aria-label={say('backtest_dates')}
          value={chosen.map((day) => dayjs(day))}
          maxDate={dayjs(asOf)}
          onChange={(days: Dayjs[] | null) =>
            choose((days ?? []).map((day) => day.format('YYYY-MM-DD')).slice(0, DATES_MAX))
          }
        />
        <Button
          type="primary"
          disabled={chosen.length === 0}
          loading={result.isFetching}
          onClick={() => ask(chosen.toSorted())}
        >
          {say('backtest_run')}
        </Button>
      </div>
      <Loaded query={result}>{(data) => <BacktestTable backtest={data} />}</Loaded>
    </>
  );
}

const middle = (values: readonly number[]): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function BacktestTable({ backtest }: { readonly backtest: BacktestWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const dash = (value: number | null, show: (value: number) => string): string => (value === null ? '–' : show(value));
  const inDays = (n: number): string => say('days', { count: n, n: format.count(n) });
  const measured = backtest.days.flatMap(({ outcome }) => (outcome.kind === 'measured' ? [outcome] : []));
  const back = middle(measured.flatMap(({ returnShare }) => (returnShare === null ? [] : [returnShare])));
  const caught = middle(measured.flatMap(({ caughtShare }) => (caughtShare === null ? [] : [caughtShare])));
  const early = middle(measured.flatMap(({ knownBeforeDays }) => (knownBeforeDays === null ? [] : [knownBeforeDays])));
  return (
    <>
      {back === undefined || caught === undefined ? null : (
        <p className="dormancy-lead">
          {say('backtest_sum', {
            back: format.percent(back, 0),
            days: backtest.horizonDays,
            caught: format.percent(caught, 0),
          })}
          {early === undefined ? '' : ` ${say('backtest_early', { count: early, n: format.count(early) })}`}
        </p>
      )}
      {backtest.notes.map((note) => (
        <p key={note.en}>{note[language]}</p>
      ))}
      <FigureRegion
        label={say('backtest')}
        table={{
          columns: [
            { title: say('column_on') },
            { title: say('column_called'), align: 'right' },
            { title: say('column_came_back', { days: backtest.horizonDays }), align: 'right' },
            { title: say('column_others_back'), align: 'right' },
            { title: say('column_left'), align: 'right' },
            { title: say('column_caught'), align: 'right' },
            { title: say('column_noticed'), align: 'right' },
            { title: say('column_early'), align: 'right' },
          ],
          rows: backtest.days.map(({ asOf, people, dormantPeople, outcome }) => {
            const called = say('of', { part: format.count(dormantPeople), whole: format.count(people) });
            if (outcome.kind !== 'measured') return [format.day(asOf), called, '–', '–', '–', '–', '–', '–'];
            const { returnShare, returnLow, returnHigh } = outcome;
            return [
              format.day(asOf),
              called,
              returnShare === null || returnLow === null || returnHigh === null
                ? '–'
                : say('share_interval', {
                    share: format.percent(returnShare),
                    low: format.percent(returnLow),
                    high: format.percent(returnHigh),
                  }),
              dash(outcome.othersReturnShare, (share) => format.percent(share)),
              format.count(outcome.lostPeople),
              say('count_share', {
                n: format.count(outcome.caughtPeople),
                share: dash(outcome.caughtShare, (share) => format.percent(share)),
              }),
              dash(outcome.noticedAfterDays, inDays),
              dash(outcome.knownBeforeDays, inDays),
            ];
          }),
        }}
      />
      {backtest.days.map(({ asOf, outcome }) =>
        outcome.kind === 'measured' ? null : (
          <p key={asOf} className="muted dormancy-foot">
            {say('backtest_unmeasured', { day: format.day(asOf), why: outcome.reason[language] })}
          </p>
        ),
      )}
      <p className="muted dormancy-foot">{say('backtest_note')}</p>
    </>
  );
}

function Model({ policyId }: { readonly policyId: string }) {
  const say = useWords();
  const language = useLanguage();
  const model = useApi('GET /policies/{policyId}/model', { params: { policyId } });
  return (
    <Section title={say('model')} text={say('model_text')}>
      <Loaded query={model}>
        {(data) =>
          data.returns.kind === 'none' ? (
            <p className="muted">{data.returns.reason[language]}</p>
          ) : data.returns.evidence === undefined ? (
            <p className="muted">{say('model_untested', { model: say(`model_${data.returns.kind}`) })}</p>
          ) : (
            <Quality model={data} chosen={data.returns.kind} evidence={data.returns.evidence} />
          )
        }
      </Loaded>
    </Section>
  );
}

type QualityProps = {
  readonly model: ModelWire;
  readonly chosen: ReturnEvidenceWire['candidates'][number]['model'];
  readonly evidence: ReturnEvidenceWire;
};

function Quality({ model, chosen, evidence }: QualityProps) {
  const say = useWords();
  const format = useFormat();
  const best = evidence.candidates.find(({ model: name }) => name === chosen);
  return (
    <>
      <p className="dormancy-lead">
        {say(evidence.kind === 'earlier_snapshot' ? 'model_how_earlier' : 'model_how_held_out', {
          model: say(`model_${chosen}`),
          day: format.day(evidence.testedAsOf),
          n: format.count(evidence.people),
          days: model.horizonDays,
        })}
      </p>
      {best === undefined ? null : (
        <div className="figures">
          <Figure
            tone="accent"
            label={say('auc')}
            value={format.decimal(best.auc, 3)}
            note={say('auc_note', { n: Math.round(100 * best.auc) })}
          />
          <Figure
            label={say('auc_dormant')}
            value={best.aucDormant === null ? say('not_known') : format.decimal(best.aucDormant, 3)}
            note={say('auc_dormant_note')}
          />
          <Figure label={say('brier')} value={format.decimal(best.brier, 3)} note={say('brier_note')} />
        </div>
      )}
      <h3 className="dormancy-sub">{say('calibration')}</h3>
      <p className="muted">{say('calibration_text')}</p>
      <Calibration evidence={evidence} />
      {evidence.candidates.length < 2 ? null : (
        <>
          <h3 className="dormancy-sub">{say('candidates')}</h3>
          <FigureRegion
            label={say('candidates')}
            table={{
              columns: [
                { title: say('column_model') },
                { title: say('auc'), align: 'right' },
                { title: say('auc_dormant'), align: 'right' },
                { title: say('brier'), align: 'right' },
              ],
              rows: evidence.candidates.map(({ model: name, auc, aucDormant, brier }) => [
                name === chosen ? say('model_chosen', { model: say(`model_${name}`) }) : say(`model_${name}`),
                format.decimal(auc, 3),
                aucDormant === null ? '–' : format.decimal(aucDormant, 3),
                format.decimal(brier, 3),
              ]),
            }}
          />
        </>
      )}
    </>
  );
}

function Calibration({ evidence }: { readonly evidence: ReturnEvidenceWire }) {
  const say = useWords();
  const format = useFormat();
  const { palette } = useTheme();
  const { calibration } = evidence;
  const option = useMemo(() => {
    const most = Math.min(
      1,
      Math.max(...calibration.flatMap(({ predicted, observed }) => [predicted, observed]), 0.1) * 1.08,
    );
    const share = (value: number): string => format.percent(value, 0);
    return {
      legend: { show: false },
      grid: { left: 28, right: 24, top: 40, bottom: 28, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        formatter: ({ dataIndex }: { readonly dataIndex: number }) => {
          const bin = calibration[dataIndex];
          return bin === undefined
            ? ''
            : `${say('column_predicted')}: ${format.percent(bin.predicted)}\n${say('column_observed')}: ${format.percent(bin.observed)}\n${say('column_people')}: ${format.count(bin.people)}`;
        },
      },
      xAxis: {
        type: 'value',
        min: 0,
        max: most,
        name: say('column_predicted'),
        nameLocation: 'middle',
        nameGap: 30,
        // Only the whole is a round end of an axis.
        axisLabel: { formatter: share, showMaxLabel: most === 1 },
        splitLine: { show: false },
      },
      yAxis: {
        type: 'value',
        min: 0,
        max: most,
        name: say('column_observed'),
        nameLocation: 'middle',
        nameGap: 40,
        // Only the whole is a round end of an axis.
        axisLabel: { formatter: share, showMaxLabel: most === 1 },
      },
      series: [
        {
          type: 'line',
          silent: true,
          symbol: 'none',
          data: [
            [0, 0],
            [most, most],
          ],
          lineStyle: { color: palette.muted, type: 'dashed', width: 1 },
          tooltip: { show: false },
        },
        {
          type: 'line',
          symbol: 'circle',
          symbolSize: 9,
          data: calibration.map(({ predicted, observed }) => [predicted, observed]),
          lineStyle: { color: palette.accent, width: 2 },
          itemStyle: { color: palette.accent },
        },
      ],
    };
  }, [calibration, palette, format, say]);
  return (
    <Chart
      label={say('calibration')}
      option={option}
      height={320}
      table={{
        columns: [
          { title: say('column_predicted'), align: 'right' },
          { title: say('column_observed'), align: 'right' },
          { title: say('column_people'), align: 'right' },
        ],
        rows: calibration.map(({ predicted, observed, people }) => [
          format.percent(predicted),
          format.percent(observed),
          format.count(people),
        ]),
      }}
    />
  );
}
