// Every programme that ran, with what it brought back: the estimate first, its interval beside it.
import { Link } from 'react-router';
import type { ProgrammeLine } from '../../../../src/http/contract/programmes.ts';
import { useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { PageFrame, Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { EstimateView } from './estimate-view.tsx';
import './results.css';
import { useWords } from './words.ts';

const hasRun = (programme: ProgrammeLine): boolean => programme.state !== 'draft';

export function ProgrammeList() {
  const say = useWords();
  const programmes = useApi('GET /programmes');
  return (
    <PageFrame title={say('title')} question={say('question')} intro={say('intro')}>
      <Loaded
        query={programmes}
        empty={{
          when: (data) => !data.programmes.some(hasRun),
          show: (
            <Empty
              title={say('none')}
              text={say('none_text')}
              action={<Link to="/programmes">{say('to_programmes')}</Link>}
            />
          ),
        }}
      >
        {(data) => (
          <div className="results-list">
            {data.programmes.filter(hasRun).map((programme) => (
              <ProgrammeCard key={programme.programmeId} programme={programme} />
            ))}
          </div>
        )}
      </Loaded>
    </PageFrame>
  );
}

function ProgrammeCard({ programme }: { readonly programme: ProgrammeLine }) {
  const say = useWords();
  const format = useFormat();
  const { programmeId, name } = programme;
  const report = useApi('GET /programmes/{programmeId}/report', { params: { programmeId } });
  return (
    <Section
      title={name}
      text={say('since', { day: format.instant(programme.createdAt) })}
      actions={<Link to={`/results/${programmeId}`}>{say('open', { name })}</Link>}
    >
      <Loaded query={report} rows={2}>
        {({ total, treated, control, sampleRatio }) => (
          <dl className="results-line">
            <div>
              <dt>{say('incremental_returns')}</dt>
              <dd className="results-main">
                <EstimateView estimate={total.incrementalReturns} as="count" />
              </dd>
            </div>
            <div>
              <dt>{say('return_rate')}</dt>
              <dd>
                {say('against', {
                  treated: format.percent(treated.returnRate),
                  control: format.percent(control.returnRate),
                })}
              </dd>
            </div>
            <div>
              <dt>{say('net_margin')}</dt>
              <dd>
                <EstimateView estimate={total.netIncrementalMarginCents} as="money" />
              </dd>
            </div>
            {sampleRatio.alarm ? <p className="results-alarm">{say('ratio_alarm_short')}</p> : null}
          </dl>
        )}
      </Loaded>
    </Section>
  );
}
