// The draft tried on today's people: whom it would reach, leave alone and refuse, what it may cost, and how small an effect it could show.
import { Alert, Button } from 'antd';
import { ExperimentOutlined } from '@ant-design/icons';
import type { DryRunAnswer, ProgrammeBody } from '../../../../src/http/contract/programmes.ts';
import { useAct } from '../../api/queries.ts';
import { FigureTable } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Figure, Section } from '../../frame/page-frame.tsx';
import { Loading } from '../../frame/states.tsx';
import { useShared } from '../../words/language.ts';
import { useTerms } from '../../words/terms.ts';
import { useWords } from './words.ts';

type DryRunProps = { readonly body: ProgrammeBody; readonly isSound: boolean };

export function DryRun({ body, isSound }: DryRunProps) {
  const say = useWords();
  const run = useAct('POST /programmes/dry-run');
  const isOld = run.variables !== undefined && JSON.stringify(run.variables.body) !== JSON.stringify(body);
  return (
    <Section
      title={say('dry_run')}
      text={say('dry_run_text')}
      actions={
        <Button
          icon={<ExperimentOutlined />}
          disabled={!isSound}
          loading={run.isPending}
          onClick={() => run.mutate({ body })}
        >
          {say('dry_run_do')}
        </Button>
      }
    >
      {run.isPending ? <Loading /> : null}
      {run.isError ? <Alert type="error" showIcon title={run.error.message} /> : null}
      {run.data === undefined || run.isPending ? null : (
        <>
          {isOld ? <Alert className="programmes-alert" type="info" showIcon title={say('dry_run_old')} /> : null}
          <Answer answer={run.data} />
        </>
      )}
    </Section>
  );
}

function Answer({ answer }: { readonly answer: DryRunAnswer }) {
  const say = useWords();
  const shared = useShared();
  const format = useFormat();
  const term = useTerms();
  const { smallestLift, offers } = answer;
  const short = offers.filter(({ wanted, left }) => wanted > left);
  const points = smallestLift === null ? '' : format.pointsNumber(smallestLift);
  return (
    <div className="programmes-dry">
      <div className="figures">
        <Figure
          tone="accent"
          label={say('dry_treated')}
          value={format.count(answer.treated)}
          note={say('dry_considered', { n: format.count(answer.considered) })}
        />
        <Figure label={say('dry_control')} value={format.count(answer.control)} note={say('dry_control_note')} />
        <Figure
          label={say('dry_cost')}
          value={format.money(answer.messageCostCentsMax)}
          note={say('dry_messages', { n: format.count(answer.messagesMax) })}
        />
        <Figure
          label={say('dry_lift')}
          value={smallestLift === null ? '–' : shared('points', { n: points, count: points === '+1.0' ? 1 : 2 })}
          note={
            answer.expectedReturnRate === null
              ? say('dry_lift_none')
              : say('dry_lift_note', { rate: format.percent(answer.expectedReturnRate) })
          }
        />
      </div>
      {short.map(({ offerId, wanted, left }) => (
        <Alert
          key={offerId}
          type="warning"
          showIcon
          title={say('dry_offer_short', { offer: offerId, wanted: format.count(wanted), left: format.count(left) })}
        />
      ))}
      <div className="columns">
        <FigureTable
          label={say('dry_refused')}
          table={{
            columns: [{ title: say('dry_refused') }, { title: say('column_people'), align: 'right' }],
            rows:
              answer.refused.length === 0
                ? [[say('dry_nobody_refused'), '']]
                : answer.refused.map(({ code, people }) => [term('refusal', code), format.count(people)]),
          }}
        />
        <FigureTable
          label={say('dry_split')}
          table={{
            columns: [{ title: say('dry_split') }, { title: say('column_people'), align: 'right' }],
            rows: [
              ...answer.variants.map(({ key, people }) => [say('variant_named', { key }), format.count(people)]),
              ...answer.channels.map(({ channel, people }) => [term('channel', channel), format.count(people)]),
            ],
          }}
        />
      </div>
    </div>
  );
}
