// How often, and when, may anybody hear from us at all? A whole set of rules, saved as a version that holds at once.
import { Alert, App, Button, Checkbox, Input, InputNumber, Select, Switch } from 'antd';
import { PlusOutlined } from '@ant-design/icons';
import { useState } from 'react';
import type { CapWire, RulesWire } from '../../../../src/http/contract/reach.ts';
import type { Answer } from '../../api/client.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { ConflictNotice } from '../../form/conflict-notice.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useTermOptions } from '../../words/terms.ts';
import { useWords } from './words.ts';

export function Rules() {
  const rules = useApi('GET /reach-rules');
  return (
    <Loaded query={rules} rows={8}>
      {(data) => <RulesForm saved={data} reload={async () => (await rules.refetch()).data} />}
    </Loaded>
  );
}

type Saved = Answer<'GET /reach-rules'>;
type RulesFormProps = { readonly saved: Saved; readonly reload: () => Promise<Saved | undefined> };
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const NEW_CAP: CapWire = { kind: 'rolling', channel: '*', days: 7, max: 3 };
const PERIODS = ['rolling', 'day', 'week', 'month'] as const;

function RulesForm({ saved, reload }: RulesFormProps) {
  const say = useWords();
  const format = useFormat();
  const { message } = App.useApp();
  const isLocked = !useMay()('reach.write');
  const channels = [{ value: '*', label: say('every_channel') }, ...useTermOptions('channel')];
  const [{ version, rules }, setState] = useState({ version: saved.version, rules: saved.rules });
  const [note, setNote] = useState('');
  const save = useAct('PUT /reach-rules', ['GET /reach-rules']);
  const put = (part: Partial<RulesWire>): void => setState({ version, rules: { ...rules, ...part } });
  const putCap = (at: number, cap: CapWire): void =>
    put({ caps: rules.caps.map((each, place) => (place === at ? cap : each)) });
  const submit = (replaces: number | undefined): void =>
    save.mutate(
      { body: { rules, note, ...(replaces === undefined ? {} : { replaces }) } },
      {
        onSuccess: (now) => {
          setState({ version: now.version, rules: now.rules });
          setNote('');
          void message.success(say('rules_saved', { version: now.version }));
        },
      },
    );
  return (
    <>
      <Section title={say('caps')} text={say('caps_text')}>
        <div className="reach-caps">
          {rules.caps.map((cap, at) => (
            <div key={at} className="reach-cap">
              <InputNumber
                aria-label={say('cap_max')}
                min={1}
                max={1_000}
                disabled={isLocked}
                value={cap.max}
                onChange={(max) => putCap(at, { ...cap, max: max ?? 1 })}
              />
              <Select
                aria-label={say('channel')}
                disabled={isLocked}
                value={cap.channel}
                options={channels}
                className="reach-filter"
                onChange={(channel) => putCap(at, { ...cap, channel })}
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
              ) : null}
              {isLocked ? null : (
                <Button onClick={() => put({ caps: rules.caps.filter((_, place) => place !== at) })}>
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
          <div>
            <label htmlFor="quiet-from">{say('quiet')}</label>
            <span className="reach-actions">
              <Input
                id="quiet-from"
                type="time"
                className="reach-time"
                disabled={isLocked}
                value={rules.quiet?.from ?? ''}
                onChange={(event) =>
                  put({
                    quiet: event.target.value === '' ? null : { to: '09:00', ...rules.quiet, from: event.target.value },
                  })
                }
              />
              –
              <Input
                type="time"
                aria-label={say('quiet_to')}
                className="reach-time"
                disabled={isLocked || rules.quiet === null}
                value={rules.quiet?.to ?? ''}
                onChange={(event) => {
                  if (rules.quiet !== null && event.target.value !== '')
                    put({ quiet: { ...rules.quiet, to: event.target.value } });
                }}
              />
            </span>
          </div>
          <div className="reach-full">
            <p>{say('quiet_days')}</p>
            <Checkbox.Group
              disabled={isLocked}
              value={[...(rules.quietDays?.weekdays ?? [])]}
              options={WEEKDAYS.map((day) => ({ value: day, label: say(`weekday_${day}`) }))}
              onChange={(weekdays: number[]) =>
                put({
                  quietDays:
                    weekdays.length === 0 && rules.quietDays?.holidays !== true
                      ? null
                      : { holidays: rules.quietDays?.holidays ?? false, weekdays },
                })
              }
            />
            <p className="reach-after">
              <Checkbox
                disabled={isLocked}
                checked={rules.quietDays?.holidays === true}
                onChange={(event) =>
                  put({
                    quietDays:
                      event.target.checked || (rules.quietDays?.weekdays.length ?? 0) > 0
                        ? { weekdays: rules.quietDays?.weekdays ?? [], holidays: event.target.checked }
                        : null,
                  })
                }
              >
                {say('holidays')}
              </Checkbox>
            </p>
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
        </div>
        {rules.hours.length === 0 ? null : (
          <>
            <h3 className="reach-after">{say('hours')}</h3>
            <ul className="reach-plain">
              {rules.hours.map((rule) => (
                <li key={`${rule.country} ${rule.channel}`}>
                  {rule.country} · {channels.find(({ value }) => value === rule.channel)?.label ?? rule.channel} ·{' '}
                  {rule.from}–{rule.to}
                </li>
              ))}
            </ul>
          </>
        )}
      </Section>
      {isLocked ? null : (
        <Section title={say('rules_save')}>
          {save.error === null ? null : save.error.code === 'conflict' ? (
            <ConflictNotice
              onLoad={() =>
                void (async () => {
                  const now = await reload();
                  save.reset();
                  if (now !== undefined) setState({ version: now.version, rules: now.rules });
                })()
              }
              onOverwrite={() => submit(undefined)}
            />
          ) : (
            <Alert type="error" showIcon className="form-alert" title={save.error.message} />
          )}
          <p className="reach-actions">
            <Input
              aria-label={say('note')}
              placeholder={say('note')}
              maxLength={500}
              value={note}
              className="reach-search"
              onChange={(event) => setNote(event.target.value)}
            />
            <Button type="primary" loading={save.isPending} onClick={() => submit(version)}>
              {say('rules_put')}
            </Button>
          </p>
        </Section>
      )}
      {saved.versions.length === 0 ? null : (
        <Section title={say('versions')}>
          <ul className="reach-plain">
            {saved.versions.map((each) => (
              <li key={each.version}>
                {say('version', { version: each.version })} · {format.instant(each.createdAt)} {each.note}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}
