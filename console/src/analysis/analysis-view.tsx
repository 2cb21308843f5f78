// What the data says at first sight, and the two steps from there: the recommended threshold as the rule, and a programme.
import { Alert, Button } from 'antd';
import { Link } from 'react-router';
import type { AnalysisWire } from '../../../src/http/contract/analysis.ts';
import { useAct, useApi } from '../api/queries.ts';
import { useFormat } from '../format/use-format.ts';
import { LeftOut } from '../frame/left-out.tsx';
import { Figure, Section } from '../frame/page-frame.tsx';
import { Empty, Loaded } from '../frame/states.tsx';
import { CurveChart } from '../pages/dormancy/curve-chart.tsx';
import { daysOf, withThreshold } from '../pages/dormancy/return-curve.ts';
import { useMay } from '../session/session.tsx';
import { useLanguage } from '../words/language.ts';
import { useTerms } from '../words/terms.ts';
import { useWords } from './words.ts';
import './analysis.css';

export function AnalysisView() {
  const say = useWords();
  const analysis = useApi('GET /analysis', undefined, { isSettled: true });
  if (analysis.error?.code === 'not_enough_data')
    return <Empty title={say('none')} text={analysis.error.message} action={<Link to="/data">{say('next')}</Link>} />;
  return (
    <Loaded query={analysis} rows={10}>
      {(data) => <Drawn data={data} />}
    </Loaded>
  );
}

const DORMANT = new Set(['dormant', 'lost', 'relapsed']);

function Drawn({ data }: { readonly data: AnalysisWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { atRisk, recommendedThreshold: recommended, policy } = data;
  const inForce = policy.rule.kind === 'window' ? policy.rule.dormantDays : undefined;
  const steps = daysOf(data.curve);
  const marked = recommended.kind === 'recommended' ? recommended.days : (inForce ?? 30);
  const shown = steps.slice(0, Math.min(steps.length, Math.max(180, 3 * marked) + 1));
  const most = Math.max(...data.stages.map(({ share }) => share), 0.01);
  return (
    <>
      <p className="muted">
        {say('span', {
          from: format.day(data.dataFrom),
          until: format.day(data.dataUntil),
          day: format.day(data.asOf),
        })}{' '}
        {data.asOfNote?.[language]}
      </p>
      <div className="figures">
        <Figure
          label={say('dormant')}
          value={format.count(data.dormantPeople)}
          note={say('dormant_note', { share: format.percent(data.dormantShare), people: format.count(data.people) })}
        />
        <Figure
          tone="accent"
          label={say('at_risk')}
          value={!data.hasMoney || atRisk.dormantCents === null ? say('unknown') : format.money(atRisk.dormantCents)}
          note={
            !data.hasMoney
              ? say('no_money')
              : atRisk.coolingCents === null
                ? say('at_risk_none')
                : say('at_risk_note', { days: data.horizonDays, cooling: format.money(atRisk.coolingCents) })
          }
        />
        <Figure
          label={say('threshold')}
          value={
            recommended.kind === 'recommended'
              ? say('threshold_days', { count: recommended.days, n: format.count(recommended.days) })
              : say('unknown')
          }
          note={inForce === undefined ? say('rule_without_days') : say('threshold_now', { n: inForce })}
        />
      </div>
      <LeftOut told={data.leftOut} />
      <Section title={say('curve')} text={recommended.reason[language]}>
        {shown.length < 3 ? null : (
          <CurveChart
            steps={shown}
            threshold={Math.min(marked, shown.length - 1)}
            recommended={recommended.kind === 'recommended' ? recommended.days : undefined}
          />
        )}
        <NextSteps data={data} />
      </Section>
      <Section title={say('stages')} text={policy.name[language]}>
        <ul className="analysis-stages">
          {data.stages
            .filter(({ people }) => people > 0)
            .map(({ stage, label, people, share }) => (
              <li key={stage} className={DORMANT.has(stage) ? 'analysis-dormant' : ''}>
                <span>{label[language]}</span>
                <span className="analysis-track" aria-hidden="true">
                  <span className="analysis-bar" style={{ width: `${(share / most) * 100}%` }} />
                </span>
                <span className="tabular analysis-number">{format.count(people)}</span>
                <span className="tabular muted analysis-number">{format.percent(share)}</span>
              </li>
            ))}
        </ul>
      </Section>
      <WakeFirst data={data} />
    </>
  );
}

/** The recommended threshold becomes the rule by one button; the other leads to the programmes. */
function NextSteps({ data }: { readonly data: AnalysisWire }) {
  const say = useWords();
  const may = useMay();
  const { policy, recommendedThreshold: recommended } = data;
  const { policyId } = policy;
  const evaluate = useAct('POST /policies/{policyId}/evaluate', [
    'GET /analysis',
    'GET /overview',
    'GET /policies',
    'GET /policies/{policyId}',
  ]);
  const save = useAct('POST /policies');
  const isOther =
    recommended.kind === 'recommended' &&
    !(policy.rule.kind === 'window' && policy.rule.dormantDays === recommended.days);
  const error = save.error ?? evaluate.error;
  return (
    <div className="analysis-next">
      {evaluate.isSuccess && recommended.kind === 'recommended' ? (
        <Alert type="success" showIcon title={say('used', { n: recommended.days })} />
      ) : null}
      {error === null ? null : <Alert type="error" showIcon title={error.message} />}
      <p className="muted">{say('next_text')}</p>
      <div className="analysis-actions">
        {may('policies.write') && isOther ? (
          <Button
            type="primary"
            loading={save.isPending || evaluate.isPending}
            onClick={() =>
              save.mutate(
                { body: withThreshold(policy, recommended.days) },
                { onSuccess: () => evaluate.mutate({ params: { policyId }, body: {} }) },
              )
            }
          >
            {say('use', { n: recommended.days })}
          </Button>
        ) : null}
        {may('programmes.read') ? (
          <Link to="/programmes">
            <Button type={isOther ? 'default' : 'primary'}>{say('start')}</Button>
          </Link>
        ) : null}
        <Link to={`/dormancy/${encodeURIComponent(policyId)}/threshold`}>
          <Button type="link">{say('move')}</Button>
        </Link>
      </div>
    </div>
  );
}

function WakeFirst({ data }: { readonly data: AnalysisWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const term = useTerms();
  const { explanation, people } = data.wakeFirst;
  const columns = [
    'person',
    'stage',
    'silent',
    ...(data.hasMoney ? (['spent'] as const) : []),
    'chance',
    ...(data.hasMoney ? (['worth'] as const) : []),
  ] as const;
  return (
    <Section title={say('who_first')} text={explanation[language]}>
      {people.length === 0 ? null : (
        <div className="analysis-scroll" tabIndex={0} role="region" aria-label={say('who_first')}>
          <table className="analysis-people">
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {say(column)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {people.map((person) => (
                <tr key={person.personId}>
                  <td>
                    <Link to={`/people/${encodeURIComponent(person.personId)}`}>{person.personId}</Link>
                  </td>
                  <td>{term('stage', person.stage)}</td>
                  <td className="tabular">{format.count(person.silentDays)}</td>
                  {data.hasMoney ? <td className="tabular">{format.money(person.spentCents)}</td> : null}
                  <td className="tabular">{format.percent(person.returnProbability)}</td>
                  {data.hasMoney ? <td className="tabular">{format.money(person.expectedValueCents)}</td> : null}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
