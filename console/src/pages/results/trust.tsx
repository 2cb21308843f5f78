// May the result be believed? The draw, the noise taken out, who was left out and why, and what the messages came to.
import { CheckCircleFilled } from '@ant-design/icons';
import { Alert } from 'antd';
import type { ReportAnswer } from '../../../../src/http/contract/results.ts';
import { FigureTable } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { asTitle, useTerms } from '../../words/terms.ts';
import { useWords } from './words.ts';

export function Trust({ report }: { readonly report: ReportAnswer }) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const { sampleRatio, total, refused, messages, considered } = report;
  const p = sampleRatio.p < 0.001 ? '< 0.001' : format.decimal(sampleRatio.p, 3);
  const share = format.percent(sampleRatio.plannedControlShare, 0);
  const explained = total.varianceExplained;
  return (
    <Section title={say('trust')} text={say('trust_text')}>
      <div className="results-trust">
        {sampleRatio.alarm ? (
          <Alert type="error" showIcon title={say('ratio_alarm', { p, share })} />
        ) : (
          <p>
            <CheckCircleFilled className="results-sound" aria-hidden="true" /> {say('ratio_fine', { p, share })}
          </p>
        )}
        <p className="muted">
          {say('always_valid')}{' '}
          {explained === null ? say('not_adjusted') : say('adjusted', { share: format.percent(explained) })}
        </p>
        <div className="columns">
          <FigureTable
            label={say('left_out')}
            table={{
              columns: [
                { title: say('left_out_of', { n: format.count(considered) }) },
                { title: say('column_people'), align: 'right' },
              ],
              rows:
                refused.length === 0
                  ? [[say('nobody_left_out'), '']]
                  : refused.map(({ code, people }) => [asTitle(term('refusal', code)), format.count(people)]),
            }}
          />
          <FigureTable
            label={say('messages')}
            table={{
              columns: [{ title: say('messages') }, { title: say('column_messages'), align: 'right' }],
              rows:
                Object.keys(messages).length === 0
                  ? [[say('no_messages'), '']]
                  : Object.entries(messages).map(([state, count]) => [
                      asTitle(term('message_state', state)),
                      format.count(count),
                    ]),
            }}
          />
        </div>
      </div>
    </Section>
  );
}
