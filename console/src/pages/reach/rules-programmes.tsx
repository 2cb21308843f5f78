// Which programme goes first when two messages to one person cannot both leave, and what is each about?
import { InputNumber, Select } from 'antd';
import type { RulesWire } from '../../../../src/http/contract/reach.ts';
import { useApi } from '../../api/queries.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useLanguage } from '../../words/language.ts';
import { PlainTable } from './plain-table.tsx';
import type { RulesPart } from './rules-part.ts';
import { useWords } from './words.ts';

export function RulesProgrammes({ rules, put, isLocked }: RulesPart) {
  const say = useWords();
  const language = useLanguage();
  const programmes = useApi('GET /programmes');
  const topics = useApi('GET /topics');
  const putProgramme = (id: string, change: Partial<RulesWire['programmes'][string]>): void => {
    const { priority, topic } = { ...rules.programmes[id], ...change };
    const { [id]: _was, ...others } = rules.programmes;
    const rule = {
      ...(priority === undefined || priority === 0 ? {} : { priority }),
      ...(topic === undefined ? {} : { topic }),
    };
    put({ programmes: Object.keys(rule).length === 0 ? others : { ...others, [id]: rule } });
  };
  return (
    <Section title={say('priorities')} text={say('priorities_text')}>
      <Loaded
        query={programmes}
        empty={{ when: (data) => data.programmes.length === 0, show: <Empty title={say('priorities_none')} /> }}
      >
        {(data) => (
          <PlainTable
            label={say('priorities')}
            columns={[say('programme'), say('priority'), say('topic')]}
            rows={data.programmes.map(({ programmeId, name }) => ({
              key: programmeId,
              cells: [
                name,
                <InputNumber
                  key="priority"
                  aria-label={say('priority_of', { name })}
                  min={-1_000}
                  max={1_000}
                  precision={0}
                  disabled={isLocked}
                  value={rules.programmes[programmeId]?.priority ?? 0}
                  onChange={(priority) => putProgramme(programmeId, { priority: priority ?? 0 })}
                />,
                <Select
                  key="topic"
                  aria-label={say('topic_of', { name })}
                  disabled={isLocked}
                  className="reach-filter"
                  value={rules.programmes[programmeId]?.topic ?? '*'}
                  options={[
                    { value: '*', label: say('no_topic') },
                    ...(topics.data?.topics ?? []).map((each) => ({ value: each.topicId, label: each[language] })),
                  ]}
                  onChange={(topic: string) => putProgramme(programmeId, { topic: topic === '*' ? undefined : topic })}
                />,
              ],
            }))}
          />
        )}
      </Loaded>
      <div className="reach-choice reach-after">
        <label htmlFor="yield">{say('yield')}</label>
        <InputNumber
          id="yield"
          min={0}
          max={168}
          precision={0}
          disabled={isLocked}
          value={rules.yieldHours}
          onChange={(yieldHours) => put({ yieldHours: yieldHours ?? 0 })}
        />
      </div>
    </Section>
  );
}
