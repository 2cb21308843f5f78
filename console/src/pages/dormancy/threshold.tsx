// When is silence too long? The return curve with a threshold to move along it: who would be dormant, and who of them would come by herself.
import { Alert, App, Button, InputNumber, Slider } from 'antd';
import { useMemo, useState } from 'react';
import type { CurvesWire, PolicyWire } from '../../../../src/http/contract/policies.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { CurveChart } from './curve-chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Figure, Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { GroupCurves } from './group-curves.tsx';
import { daysOf, returningAfter, silentFor, withThreshold } from './return-curve.ts';
import { useWords } from './words.ts';

/** Where the threshold stands before anybody moves it. */
function firstThreshold({ rule }: PolicyWire, curves: CurvesWire): number {
  const { recommendedThreshold: recommended } = curves.all;
  if (rule.kind === 'window') return rule.dormantDays;
  return recommended.kind === 'recommended' ? recommended.days : 30;
}

const DAYS_MIN = 2;

export function Threshold({ policy }: { readonly policy: PolicyWire }) {
  const say = useWords();
  const curves = useApi('POST /policies/curve', { body: { policy } });
  return (
    <>
      <Loaded
        query={curves}
        rows={10}
        empty={{
          when: ({ all }) => daysOf(all.points).length < 3,
          show: <Empty title={say('curve_none')} text={say('curve_none_text')} />,
        }}
      >
        {(data) => <Explorer key={policy.policyId} policy={policy} curves={data} />}
      </Loaded>
      <GroupCurves policy={policy} />
    </>
  );
}

function Explorer({ policy, curves }: { readonly policy: PolicyWire; readonly curves: CurvesWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { message } = App.useApp();
  const mayWrite = useMay()('policies.write');
  const save = useAct('POST /policies', ['GET /policies', 'GET /policies/{policyId}']);
  const { all, horizonDays } = curves;
  const steps = useMemo(() => daysOf(all.points), [all.points]);
  const longest = steps.length - 1;
  const [asked, ask] = useState(() => firstThreshold(policy, curves));
  const days = Math.min(Math.max(2, asked), longest);
  const recommended = all.recommendedThreshold;
  // The far end of the curve is flat: the picture is about where the decision lies.
  const [first] = useState(days);
  const reach = Math.min(
    longest,
    Math.max(180, 3 * first, recommended.kind === 'recommended' ? 3 * recommended.days : 0, days),
  );
  const shown = useMemo(() => steps.slice(0, reach + 1), [steps, reach]);
  const everybody = silentFor(all.points, 0);
  const dormant = silentFor(all.points, days);
  const returning = returningAfter(steps, days, horizonDays);
  const still = steps[days];
  const next = withThreshold(policy, days);
  const isSame = policy.rule.kind === 'window' && policy.rule.dormantDays === days;
  const inDays = (n: number): string => say('days', { count: n, n: format.count(n) });
  return (
    <>
      <Section title={say('curve')} text={say('curve_text')}>
        <CurveChart
          steps={shown}
          threshold={days}
          recommended={recommended.kind === 'recommended' ? recommended.days : undefined}
        />
        <div className="dormancy-slider">
          {/* From 0, as the curve's axis: the handle stands under its line. */}
          <Slider
            min={0}
            max={reach}
            value={days}
            onChange={(value) => ask(Math.max(DAYS_MIN, value))}
            ariaLabelForHandle={say('threshold')}
            ariaValueTextFormatterForHandle={inDays}
            tooltip={{ formatter: (value) => inDays(value ?? 0) }}
          />
          <label className="dormancy-exact">
            {say('threshold_days')}
            <InputNumber min={DAYS_MIN} max={longest} value={days} onChange={(value) => value === null || ask(value)} />
          </label>
        </div>
        <div className="figures dormancy-figures" role="status">
          <Figure
            tone="accent"
            label={say('would_be_dormant', { n: days })}
            value={format.count(dormant)}
            note={say('share_of_all', {
              share: format.percent(everybody === 0 ? 0 : dormant / everybody),
              all: format.count(everybody),
            })}
          />
          <Figure
            label={say('still_returning')}
            value={returning === undefined ? say('not_known') : format.percent(returning)}
            note={
              returning === undefined
                ? say('still_returning_unknown', { days: horizonDays })
                : say('still_returning_note', { n: days, days: horizonDays })
            }
          />
          <Figure
            label={say('back_by_then')}
            value={still === undefined ? say('not_known') : format.percent(1 - still.stillSilent)}
            note={
              still === undefined
                ? undefined
                : say('back_by_then_note', { low: format.percent(1 - still.high), high: format.percent(1 - still.low) })
            }
          />
        </div>
        {mayWrite ? (
          <div className="dormancy-save">
            <p className="muted">
              {isSame
                ? say('threshold_is_now')
                : next.rule.kind === 'window'
                  ? say('threshold_saves', {
                      cooling: next.rule.coolingDays,
                      dormant: next.rule.dormantDays,
                      lost: next.rule.lostDays,
                    })
                  : ''}
              {policy.rule.kind === 'window' ? '' : ` ${say('threshold_replaces')}`}
            </p>
            <Button
              type="primary"
              disabled={isSame}
              loading={save.isPending}
              onClick={() =>
                save.mutate(
                  { body: next },
                  { onSuccess: ({ version }) => void message.success(say('saved_version', { n: version })) },
                )
              }
            >
              {say('save_version')}
            </Button>
          </div>
        ) : null}
        {save.error === null ? null : <Alert type="error" showIcon title={save.error.message} />}
      </Section>
      <Section
        title={
          recommended.kind === 'recommended'
            ? say('recommended_days', { count: recommended.days, n: format.count(recommended.days) })
            : say('recommended_none')
        }
        text={recommended.reason[language]}
        actions={
          recommended.kind === 'recommended' && recommended.days !== days ? (
            <Button onClick={() => ask(recommended.days)}>{say('try_it')}</Button>
          ) : undefined
        }
      >
        <p className="muted">{say('recommended_how', { days: horizonDays, n: format.count(all.silences) })}</p>
      </Section>
    </>
  );
}
