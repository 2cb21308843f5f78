// In which hours may a channel be used where she lives? What holds in any case with what it rests on, and the business's own, which only narrow it.
import { Button, Checkbox, Input, Select } from 'antd';
import { PlusOutlined } from '@ant-design/icons';
import type { HoursWire, LawfulHoursWire } from '../../../../src/http/contract/reach.ts';
import { Section } from '../../frame/page-frame.tsx';
import { useLanguage } from '../../words/language.ts';
import { useTermOptions, useTerms } from '../../words/terms.ts';
import { ClockInput } from './clock-input.tsx';
import { PlainTable } from './plain-table.tsx';
import type { RulesPart } from './rules-part.ts';
import { useWords } from './words.ts';

const NEW_HOURS: HoursWire = {
  country: '*',
  channel: 'sms',
  from: '09:00',
  to: '20:00',
  weekdaysOff: [],
  holidaysOff: false,
};
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

type RulesHoursProps = RulesPart & { readonly lawful: readonly LawfulHoursWire[] };

export function RulesHours({ rules, put, isLocked, lawful }: RulesHoursProps) {
  const say = useWords();
  const language = useLanguage();
  const term = useTerms();
  const channels = [{ value: '*', label: say('every_channel') }, ...useTermOptions('channel')];
  const names = new Intl.DisplayNames([language === 'zh' ? 'zh-CN' : 'en'], { type: 'region' });
  const countryOf = (code: string): string => (/^[A-Z]{2}$/.test(code) ? (names.of(code) ?? code) : code);
  const daysOff = ({ weekdaysOff, holidaysOff }: HoursWire): string =>
    [
      ...WEEKDAYS.filter((day) => weekdaysOff.includes(day)).map((day) => say(`weekday_${day}`)),
      ...(holidaysOff ? [say('holidays_short')] : []),
    ].join(language === 'zh' ? '、' : ', ');
  const putHours = (at: number, change: Partial<HoursWire>): void =>
    put({ hours: rules.hours.map((each, place) => (place === at ? { ...each, ...change } : each)) });
  return (
    <Section title={say('hours')} text={say('hours_text')}>
      <PlainTable
        label={say('hours_lawful')}
        columns={[say('country'), say('channel'), say('open'), say('days_off'), say('rests_on'), say('document')]}
        rows={lawful.map((rule) => ({
          key: `${rule.country} ${rule.channel}`,
          cells: [
            countryOf(rule.country),
            term('channel', rule.channel),
            `${rule.from}–${rule.to}`,
            daysOff(rule),
            rule.restsOn[language],
            rule.source[language],
          ],
        }))}
      />
      <h3 className="reach-after">{say('hours_own')}</h3>
      <div className="reach-caps">
        {rules.hours.map((rule, at) => (
          <div key={at} className="reach-cap">
            <Input
              aria-label={say('country_code', { n: at + 1 })}
              className="reach-code"
              maxLength={2}
              disabled={isLocked}
              value={rule.country}
              onChange={(event) => putHours(at, { country: event.target.value.toUpperCase() })}
            />
            <Select
              aria-label={say('channel')}
              disabled={isLocked}
              value={rule.channel}
              options={channels}
              className="reach-filter"
              onChange={(channel: string) => putHours(at, { channel })}
            />
            <ClockInput
              aria-label={say('open_from')}
              isLocked={isLocked}
              value={rule.from}
              onChange={(from) => putHours(at, { from })}
            />
            –
            <ClockInput
              aria-label={say('open_to')}
              isLocked={isLocked}
              value={rule.to === '24:00' ? '' : rule.to}
              onChange={(to) => putHours(at, { to: to === '' ? '24:00' : to })}
            />
            <Select
              mode="multiple"
              aria-label={say('days_off')}
              placeholder={say('days_off')}
              disabled={isLocked}
              value={[...rule.weekdaysOff]}
              options={WEEKDAYS.map((day) => ({ value: day, label: say(`weekday_${day}`) }))}
              className="reach-filter"
              onChange={(weekdaysOff: number[]) => putHours(at, { weekdaysOff })}
            />
            <Checkbox
              disabled={isLocked}
              checked={rule.holidaysOff}
              onChange={(event) => putHours(at, { holidaysOff: event.target.checked })}
            >
              {say('holidays_off')}
            </Checkbox>
            {isLocked ? null : (
              <Button
                aria-label={say('hours_remove', { n: at + 1 })}
                onClick={() => put({ hours: rules.hours.filter((_, place) => place !== at) })}
              >
                {say('remove')}
              </Button>
            )}
          </div>
        ))}
        {isLocked ? null : (
          <Button icon={<PlusOutlined />} onClick={() => put({ hours: [...rules.hours, NEW_HOURS] })}>
            {say('hours_add')}
          </Button>
        )}
      </div>
      <div className="reach-choice reach-after">
        <label htmlFor="default-country">{say('default_country')}</label>
        <Input
          id="default-country"
          className="reach-code"
          maxLength={2}
          disabled={isLocked}
          value={rules.defaultCountry ?? ''}
          onChange={(event) =>
            put({ defaultCountry: event.target.value === '' ? null : event.target.value.toUpperCase() })
          }
        />
      </div>
    </Section>
  );
}
