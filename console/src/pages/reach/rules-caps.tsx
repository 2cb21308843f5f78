// At most how many messages, in which time, on which channel, about which topic?
import { Button, InputNumber, Select } from 'antd';
import { PlusOutlined } from '@ant-design/icons';
import type { CapWire } from '../../../../src/http/contract/reach.ts';
import { useApi } from '../../api/queries.ts';
import { Section } from '../../frame/page-frame.tsx';
import { useLanguage } from '../../words/language.ts';
import { useTermOptions } from '../../words/terms.ts';
import type { RulesPart } from './rules-part.ts';
import { useWords } from './words.ts';

const NEW_CAP: CapWire = { kind: 'rolling', channel: '*', days: 7, max: 3 };
const PERIODS = ['rolling', 'day', 'week', 'month'] as const;

export function RulesCaps({ rules, put, isLocked }: RulesPart) {
  const say = useWords();
  const language = useLanguage();
  const channels = [{ value: '*', label: say('every_channel') }, ...useTermOptions('channel')];
  const topics = useApi('GET /topics');
  const putCap = (at: number, cap: CapWire): void =>
    put({ caps: rules.caps.map((each, place) => (place === at ? cap : each)) });
  return (
    <Section title={say('caps')} text={say('caps_text')}>
      <div className="reach-caps">
        {rules.caps.map((cap, at) => (
          <div key={at} className="reach-cap reach-cap-line">
            <InputNumber
              aria-label={say('cap_max')}
              min={1}
              max={1_000}
              disabled={isLocked}
              value={cap.max}
              onChange={(max) => putCap(at, { ...cap, max: max ?? 1 })}
            />
            <Select
              aria-label={say('cap_period')}
              disabled={isLocked}
              value={cap.kind === 'rolling' ? 'rolling' : cap.unit}
              options={PERIODS.map((period) => ({ value: period, label: say(`cap_${period}`) }))}
              className="reach-filter"
              onChange={(period: (typeof PERIODS)[number]) => {
                const base = {
                  channel: cap.channel,
                  max: cap.max,
                  ...(cap.topic === undefined ? {} : { topic: cap.topic }),
                };
                putCap(
                  at,
                  period === 'rolling'
                    ? { ...base, kind: 'rolling', days: 7 }
                    : { ...base, kind: 'calendar', unit: period },
                );
              }}
            />
            {cap.kind === 'rolling' ? (
              <InputNumber
                aria-label={say('cap_days')}
                min={1}
                max={365}
                disabled={isLocked}
                value={cap.days}
                suffix={say('days')}
                onChange={(days) => putCap(at, { ...cap, days: days ?? 1 })}
              />
            ) : (
              <span className="reach-cap-gap" />
            )}
            <Select
              aria-label={say('channel')}
              disabled={isLocked}
              value={cap.channel}
              options={channels}
              className="reach-filter"
              onChange={(channel) => putCap(at, { ...cap, channel })}
            />
            <Select
              aria-label={say('topic')}
              disabled={isLocked}
              value={cap.topic ?? '*'}
              options={[
                { value: '*', label: say('every_topic') },
                ...(topics.data?.topics ?? []).map((each) => ({ value: each.topicId, label: each[language] })),
              ]}
              className="reach-filter"
              onChange={(topic: string) => {
                const { topic: _was, ...rest } = cap;
                putCap(at, topic === '*' ? rest : { ...rest, topic });
              }}
            />
            {isLocked ? null : (
              <Button
                aria-label={say('cap_remove', { n: at + 1 })}
                onClick={() => put({ caps: rules.caps.filter((_, place) => place !== at) })}
              >
                {say('remove')}
              </Button>
            )}
          </div>
        ))}
        {isLocked ? null : (
          <Button icon={<PlusOutlined />} onClick={() => put({ caps: [...rules.caps, NEW_CAP] })}>
            {say('cap_add')}
          </Button>
        )}
      </div>
    </Section>
  );
}
