// How far apart, at which hours and on which days, on the clock of whoever gets the message?
import { Checkbox, InputNumber, Switch } from 'antd';
import { Section } from '../../frame/page-frame.tsx';
import { ClockInput } from './clock-input.tsx';
import type { RulesPart } from './rules-part.ts';
import { useWords } from './words.ts';

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

export function RulesTimes({ rules, put, isLocked }: RulesPart) {
  const say = useWords();
  const { quiet, quietDays } = rules;
  return (
    <Section title={say('times')} text={say('times_text')}>
      <div className="reach-fields">
        <div>
          <label htmlFor="gap">{say('gap')}</label>
          <InputNumber
            id="gap"
            className="reach-wide"
            min={0}
            max={2_160}
            disabled={isLocked}
            value={rules.gapHours}
            onChange={(hours) => put({ gapHours: hours ?? 0 })}
          />
        </div>
        <div className="reach-quiet">
          <label htmlFor="quiet-from">{say('quiet')}</label>
          <span className="reach-actions">
            <ClockInput
              id="quiet-from"
              isLocked={isLocked}
              value={quiet?.from ?? ''}
              onChange={(from) => put({ quiet: from === '' ? null : { to: '09:00', ...quiet, from } })}
            />
            –
            <ClockInput
              aria-label={say('quiet_to')}
              isLocked={isLocked || quiet === null}
              value={quiet?.to ?? ''}
              onChange={(to) => {
                if (quiet !== null && to !== '') put({ quiet: { ...quiet, to } });
              }}
            />
          </span>
        </div>
        <div>
          <label htmlFor="best-hour" id="best-hour-label">
            {say('best_hour')}
          </label>
          <div>
            <Switch
              id="best-hour"
              aria-labelledby="best-hour-label"
              disabled={isLocked}
              checked={rules.bestHour}
              onChange={(bestHour) => put({ bestHour })}
            />
          </div>
        </div>
        <div className="reach-full">
          <p id="quiet-days">{say('quiet_days')}</p>
          <Checkbox.Group
            aria-labelledby="quiet-days"
            disabled={isLocked}
            value={[...(quietDays?.weekdays ?? [])]}
            options={WEEKDAYS.map((day) => ({ value: day, label: say(`weekday_${day}`) }))}
            onChange={(weekdays: number[]) =>
              put({
                quietDays:
                  weekdays.length === 0 && quietDays?.holidays !== true
                    ? null
                    : { holidays: quietDays?.holidays ?? false, weekdays },
              })
            }
          />
          <p className="reach-after">
            <Checkbox
              disabled={isLocked}
              checked={quietDays?.holidays === true}
              onChange={(event) =>
                put({
                  quietDays:
                    event.target.checked || (quietDays?.weekdays.length ?? 0) > 0
                      ? { weekdays: quietDays?.weekdays ?? [], holidays: event.target.checked }
                      : null,
                })
              }
            >
              {say('holidays')}
            </Checkbox>
          </p>
        </div>
      </div>
    </Section>
  );
}
