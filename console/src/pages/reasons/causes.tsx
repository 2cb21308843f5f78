// The shares of the reasons with their uncertainty, what they rest on, and how far they may be believed.
import { Alert, App, Button } from 'antd';
import { useMemo } from 'react';
import { Link } from 'react-router';
import type { ReasonEvidenceWire, ReasonShareWire, ReasonSharesWire } from '../../../../src/http/contract/reasons.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { Chart } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Figure, Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useTheme } from '../../theme/theme-choice.tsx';
import { useLanguage } from '../../words/language.ts';
import { useWords } from './words.ts';

type OfPolicy = { readonly policyId: string };

/** Explains everybody quiet anew. */
export function ExplainButton({ policyId }: OfPolicy) {
  const say = useWords();
  const { message } = App.useApp();
  const explain = useAct('POST /policies/{policyId}/reasons', [
    'GET /policies/{policyId}',
    'GET /policies/{policyId}/reasons',
    'GET /policies/{policyId}/reasons/evidence',
    'POST /policies/{policyId}/reasons/groups',
  ]);
  return (
    <Button
      loading={explain.isPending}
      onClick={() =>
        explain.mutate(
          { params: { policyId } },
          {
            onSuccess: () => void message.success(say('explained')),
            onError: (error) => void message.error(error.message),
          },
        )
      }
    >
      {say('explain')}
    </Button>
  );
}

export function Causes({ policyId }: OfPolicy) {
  const say = useWords();
  const mayWrite = useMay()('reasons.write');
  const shares = useApi('GET /policies/{policyId}/reasons', { params: { policyId } });
  return (
    <Loaded
      query={shares}
      rows={8}
      empty={{
        when: ({ people }) => people === 0,
        show: <Empty title={say('nobody_quiet')} text={say('nobody_quiet_text')} />,
      }}
    >
      {(data) => (
        <>
          <Traces data={data} />
          <Lead data={data} />
          <ShareChart data={data} mayWrite={mayWrite} />
          <Evidence policyId={policyId} />
          <Belief data={data} />
        </>
      )}
    </Loaded>
  );
}

/** Where next to nobody left a trace the shares are what was assumed beforehand. */
const FEW_TRACES = 0.05;

function Traces({ data }: { readonly data: ReasonSharesWire }) {
  const say = useWords();
  const format = useFormat();
  const { traced, people } = data;
  if (traced === undefined || traced >= FEW_TRACES * people) return null;
  return (
    <Alert
      type="warning"
      showIcon
      className="reasons-traces"
      title={say('few_traces', { count: traced, n: format.count(traced), people: format.count(people) })}
      description={say('few_traces_text')}
      action={<Link to="/reasons/surveys">{say('ask_them')}</Link>}
    />
  );
}

function Lead({ data }: { readonly data: ReasonSharesWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const [first, second] = data.shares
    .filter(({ reason }) => reason !== 'unknown')
    .toSorted((a, b) => b.share - a.share);
  const unknown = data.shares.find(({ reason }) => reason === 'unknown');
  const range = ({ low, high }: ReasonShareWire): string =>
    say('range', { low: format.percent(low, 0), high: format.percent(high, 0) });
  return (
    <div className="figures">
      {first === undefined ? null : (
        <Figure
          tone="accent"
          label={say('first', { reason: first.label[language] })}
          value={format.percent(first.share, 0)}
          note={range(first)}
        />
      )}
      {second === undefined ? null : (
        <Figure
          label={say('second', { reason: second.label[language] })}
          value={format.percent(second.share, 0)}
          note={range(second)}
        />
      )}
      {unknown === undefined ? null : (
        <Figure label={say('unknown')} value={format.percent(unknown.share, 0)} note={say('unknown_note')} />
      )}
      <Figure
        label={say('quiet')}
        value={format.count(data.people)}
        note={say('as_of', { day: format.day(data.asOf) })}
      />
    </div>
  );
}

type WhiskerApi = {
  readonly value: (dimension: number) => number;
  readonly coord: (point: readonly [number, number]) => readonly [number, number];
};

/** A line from low to high, drawn over the bar. */
const whisker = (colour: string) => (_params: unknown, api: WhiskerApi) => {
  const y = api.value(2);
  const [x1, at] = api.coord([api.value(0), y]);
  const [x2] = api.coord([api.value(1), y]);
  const end = (x: number) => ({
    type: 'line',
    shape: { x1: x, y1: at - 4, x2: x, y2: at + 4 },
    style: { stroke: colour, lineWidth: 1.5 },
  });
  return {
    type: 'group',
    children: [
      { type: 'line', shape: { x1, y1: at, x2, y2: at }, style: { stroke: colour, lineWidth: 1.5 } },
      end(x1),
      end(x2),
    ],
  };
};

function ShareChart({ data, mayWrite }: { readonly data: ReasonSharesWire; readonly mayWrite: boolean }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { palette } = useTheme();
  const rows = useMemo(() => data.shares.toSorted((a, b) => b.share - a.share), [data.shares]);
  const option = useMemo(
    () => ({
      legend: { show: false },
      grid: { left: 8, right: 24, top: 8, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        formatter: ({ dataIndex }: { readonly dataIndex: number }) => {
          const row = rows[dataIndex];
          return row === undefined
            ? ''
            : `${row.label[language]}\n${format.percent(row.share)}  (${format.percent(row.low)} … ${format.percent(row.high)})`;
        },
      },
      xAxis: { type: 'value', min: 0, axisLabel: { formatter: (value: number) => format.percent(value, 0) } },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map(({ label }) => label[language]),
        axisLine: { show: false },
        axisLabel: { color: palette.ink },
      },
      series: [
        {
          type: 'bar',
          barWidth: 18,
          data: rows.map(({ reason, share }) => ({
            value: share,
            itemStyle: {
              color: reason === 'unknown' ? palette.muted : palette.accent,
              opacity: reason === 'unknown' ? 0.4 : 0.85,
              borderRadius: 4,
            },
          })),
        },
        {
          type: 'custom',
          renderItem: whisker(palette.ink),
          encode: { x: [0, 1], y: 2 },
          data: rows.map(({ low, high }, at) => [low, high, at]),
          z: 5,
        },
      ],
    }),
    [rows, palette, format, language],
  );
  return (
    <Section
      title={say('shares')}
      text={say('shares_text')}
      actions={mayWrite ? <ExplainButton policyId={data.policyId} /> : undefined}
    >
      <Chart
        label={say('shares')}
        option={option}
        height={44 + 36 * rows.length}
        table={{
          columns: [
            { title: say('column_reason') },
            { title: say('column_share'), align: 'right' },
            { title: say('column_interval'), align: 'right' },
          ],
          rows: rows.map((row) => [
            row.label[language],
            format.percent(row.share),
            `${format.percent(row.low)} … ${format.percent(row.high)}`,
          ]),
        }}
      />
    </Section>
  );
}

const SIGNALS_SHOWN = 4;

function Evidence({ policyId }: OfPolicy) {
  const say = useWords();
  const evidence = useApi('GET /policies/{policyId}/reasons/evidence', { params: { policyId } });
  return (
    <Section title={say('evidence')} text={say('evidence_text')}>
      <Loaded query={evidence}>
        {({ reasons }) => (
          <ul className="reasons-evidence">
            {reasons.map((reason) => (
              <ReasonEvidence key={reason.reason} policyId={policyId} evidence={reason} />
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}

function ReasonEvidence({ policyId, evidence }: OfPolicy & { readonly evidence: ReasonEvidenceWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const mayRead = useMay()('people.read');
  const { reason, label, people, withoutTrace } = evidence;
  const forIt = evidence.signals.filter(({ speaksForIt }) => speaksForIt).slice(0, SIGNALS_SHOWN);
  const link = `/people?people.f.policy=${encodeURIComponent(policyId)}&people.f.reason=${reason}`;
  return (
    <li>
      <div className="reasons-evidence-head">
        <h3>{label[language]}</h3>
        <span className="muted">{say('likeliest_for', { count: people, n: format.count(people) })}</span>
        {mayRead ? (
          <Link to={link} aria-label={say('show_people_of', { reason: label[language] })}>
            {say('show_people')}
          </Link>
        ) : null}
      </div>
      {forIt.length === 0 ? (
        <p className="muted">{say('no_signal')}</p>
      ) : (
        <ul className="reasons-signals">
          {forIt.map(({ signal, label: words, people: count }) => (
            <li key={signal}>
              <span>{words[language]}</span>
              <span className="reasons-signal-track" aria-hidden="true">
                <span className="reasons-signal-bar" style={{ width: `${(100 * count) / Math.max(1, people)}%` }} />
              </span>
              <span className="tabular muted">
                {say('of', { part: format.count(count), whole: format.count(people) })}
              </span>
            </li>
          ))}
        </ul>
      )}
      {withoutTrace === 0 ? null : (
        <p className="muted reasons-note">
          {say('without_trace', { count: withoutTrace, n: format.count(withoutTrace) })}
        </p>
      )}
    </li>
  );
}

function Belief({ data }: { readonly data: ReasonSharesWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { calibration, weights } = data;
  return (
    <Section title={say('belief')} text={say('belief_text')}>
      <Alert
        type={weights.kind === 'survey' ? 'success' : 'info'}
        showIcon
        title={weights.why[language]}
        action={weights.kind === 'survey' ? undefined : <Link to="/reasons/surveys">{say('ask_them')}</Link>}
      />
      {calibration === null || calibration === undefined ? (
        <p className="muted reasons-note">{say('calibration_none')}</p>
      ) : (
        <div className="figures reasons-below">
          <Figure
            label={say('agreed')}
            value={format.percent(calibration.agreed, 0)}
            note={say('agreed_note', { n: format.count(calibration.answers), count: calibration.answers })}
          />
          <Figure label={say('expected')} value={format.percent(calibration.expected, 0)} note={say('expected_note')} />
          <Figure
            label={say('confidence')}
            value={format.percent(calibration.confidence, 0)}
            note={say('confidence_note')}
          />
        </div>
      )}
    </Section>
  );
}
