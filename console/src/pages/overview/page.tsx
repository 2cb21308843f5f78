// How many are dormant, what does that cost, what came back because of us, and what needs attention? Before there is data: the first run.
import { Alert } from 'antd';
import { lazy, useEffect } from 'react';
import { Link } from 'react-router';
import type { Attention, OverviewReady } from '../../../../src/http/contract/overview.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { Interval } from '../../format/interval.tsx';
import { useFormat } from '../../format/use-format.ts';
import { LeftOut } from '../../frame/left-out.tsx';
import { Figure, PageFrame, Section } from '../../frame/page-frame.tsx';
import { Loaded, Loading } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { Months } from './months.tsx';
import { useWords } from './words.ts';
import './overview.css';

/** Seen once in the life of an installation. */
const FirstRun = lazy(async () => ({ default: (await import('./first-run.tsx')).FirstRun }));

export function Page() {
  const say = useWords();
  const overview = useApi('GET /overview');
  const isReady = overview.data?.state === 'ready';
  return (
    <PageFrame
      title={say('title')}
      question={overview.data === undefined || isReady ? say('question') : say('question_first')}
    >
      <Loaded query={overview} rows={8}>
        {(data) => {
          switch (data.state) {
            case 'ready':
              return <Ready overview={data} />;
            case 'unread':
              return <Unread events={data.events} />;
            case 'empty':
              return <FirstRun kind={data.kind} />;
          }
        }}
      </Loaded>
    </PageFrame>
  );
}

/** There are events and no policy yet: the first analysis makes itself. */
function Unread({ events }: { readonly events: number }) {
  const say = useWords();
  const format = useFormat();
  const mayAnalyse = useMay()('policies.write');
  const { mutate, error } = useAct('POST /first-run/analysis', ['GET /overview']);
  useEffect(() => {
    if (mayAnalyse) mutate({});
  }, [mayAnalyse, mutate]);
  return (
    <Section title={say('unread', { n: format.count(events), count: events })} text={say('unread_text')}>
      {error === null ? (
        mayAnalyse ? (
          <Loading rows={3} />
        ) : null
      ) : (
        <Alert
          type="warning"
          showIcon
          title={error.message}
          action={<Link to="/dormancy/new">{say('choose_rule')}</Link>}
        />
      )}
    </Section>
  );
}

function Ready({ overview }: { readonly overview: OverviewReady }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { dormantPeople, dormantShare, people, dormantValueCents, coolingValueCents, programmes } = overview;
  const best = programmes.find(({ incrementalReturns }) => incrementalReturns.kind === 'estimated');
  const returns = best?.incrementalReturns;
  /** Zero lies inside the interval: nothing is proven. */
  const isOpen = returns?.kind === 'estimated' && returns.low <= 0 && returns.high >= 0;
  return (
    <>
      <div className="figures">
        <Figure
          label={say('dormant')}
          value={format.count(dormantPeople)}
          note={say('dormant_note', { share: format.percent(dormantShare), people: format.count(people) })}
        />
        <Figure
          label={say('cost')}
          value={dormantValueCents === null ? say('none') : format.money(dormantValueCents)}
          note={
            coolingValueCents === null
              ? say('cost_none')
              : say('cost_note', { days: overview.horizonDays, cooling: format.money(coolingValueCents) })
          }
        />
        <Figure
          tone={isOpen ? 'plain' : 'accent'}
          label={say('returns')}
          value={
            returns?.kind === 'estimated' ? (
              <Interval value={returns.estimate} low={returns.low} high={returns.high} as="count" />
            ) : (
              say('none')
            )
          }
          note={
            best === undefined
              ? say('returns_none')
              : say(isOpen ? 'returns_open' : 'returns_note', { name: best.name })
          }
        />
      </div>
      <LeftOut told={overview.leftOut} />
      <div className="columns overview-columns">
        <Section title={say('stages')} text={overview.policy.name[language]}>
          <Stages overview={overview} />
          <p className="muted overview-foot">
            {say('as_of', { day: format.day(overview.asOf) })} <Link to="/dormancy">{say('to_dormancy')}</Link>
          </p>
        </Section>
        <Section title={say('attention')}>
          <AttentionList attention={overview.attention} />
        </Section>
      </div>
      <Section title={say('months')} text={say('months_text')}>
        <Months months={overview.months} />
      </Section>
      {programmes.length === 0 ? null : (
        <Section title={say('programmes')} text={say('programmes_text')}>
          <Programmes programmes={programmes} />
        </Section>
      )}
    </>
  );
}

const DORMANT = new Set(['dormant', 'lost', 'relapsed']);

function Stages({ overview }: { readonly overview: OverviewReady }) {
  const format = useFormat();
  const language = useLanguage();
  const most = Math.max(...overview.stages.map(({ share }) => share), 0.01);
  return (
    <ul className="stages">
      {overview.stages
        .filter(({ people }) => people > 0)
        .map(({ stage, label, people, share }) => (
          <li key={stage} className={DORMANT.has(stage) ? 'stage stage-dormant' : 'stage'}>
            <span className="stage-name">{label[language]}</span>
            <span className="stage-track" aria-hidden="true">
              <span className="stage-bar" style={{ width: `${(share / most) * 100}%` }} />
            </span>
            <span className="tabular stage-people">{format.count(people)}</span>
            <span className="tabular muted stage-share">{format.percent(share)}</span>
          </li>
        ))}
    </ul>
  );
}

function AttentionList({ attention }: { readonly attention: readonly Attention[] }) {
  const say = useWords();
  const format = useFormat();
  if (attention.length === 0) return <p className="muted">{say('all_well')}</p>;
  return (
    <ul className="attention">
      {attention.map((item) => {
        switch (item.kind) {
          case 'profile_unfinished':
            return (
              <li key={item.kind}>
                <Link to="/settings/business">{say('unfinished', { count: item.fields.length })}</Link>
                <p className="muted">{say('unfinished_text')}</p>
              </li>
            );
          case 'mail_preview':
            return (
              <li key={item.kind}>
                <a href="/mailbox" target="_blank" rel="noreferrer">
                  {say('preview')}
                </a>
                <p className="muted">{say('preview_text')}</p>
              </li>
            );
          case 'messages_unknown':
            return (
              <li key={item.kind}>
                <Link to="/reach">{say('unknown', { n: format.count(item.count), count: item.count })}</Link>
                <p className="muted">{say('unknown_text')}</p>
              </li>
            );
          case 'events_dropped':
            return (
              <li key={item.kind}>
                <Link to="/data">{say('dropped', { n: format.count(item.count), count: item.count })}</Link>
                <p className="muted">{say('dropped_text')}</p>
              </li>
            );
          case 'sample_ratio':
            return (
              <li key={`${item.kind} ${item.programmeId}`}>
                <Link to={`/results/${item.programmeId}`}>{say('ratio', { name: item.name })}</Link>
                <p className="muted">{say('ratio_text')}</p>
              </li>
            );
          case 'no_programme':
            return (
              <li key={item.kind}>
                <Link to="/programmes">{say('no_programme')}</Link>
                <p className="muted">{say('no_programme_text')}</p>
              </li>
            );
        }
      })}
    </ul>
  );
}

function Programmes({ programmes }: Pick<OverviewReady, 'programmes'>) {
  const say = useWords();
  const format = useFormat();
  return (
    <ul className="programmes">
      {programmes.map(({ programmeId, name, treated, contacted, returnRateLift, netIncrementalMarginCents }) => (
        <li key={programmeId}>
          <div>
            <Link to={`/results/${programmeId}`}>{name}</Link>
            <p className="muted">
              {say('programme_note', { treated: format.count(treated), contacted: format.count(contacted) })}
            </p>
          </div>
          <div>
            <p className="muted">{say('lift')}</p>
            {returnRateLift.kind === 'estimated' ? (
              <Interval
                value={returnRateLift.estimate}
                low={returnRateLift.low}
                high={returnRateLift.high}
                as="points"
              />
            ) : (
              say('not_yet')
            )}
          </div>
          <div>
            <p className="muted">{say('margin')}</p>
            {netIncrementalMarginCents.kind === 'estimated' ? (
              <Interval
                value={netIncrementalMarginCents.estimate}
                low={netIncrementalMarginCents.low}
                high={netIncrementalMarginCents.high}
                as="money"
              />
            ) : (
              say('not_yet')
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
