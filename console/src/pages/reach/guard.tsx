// How much may the sending domain mail today, what holds it back, and how is it doing? Ramp, brakes and the rates they go by.
import { Alert, Button, Checkbox, Form, Input, InputNumber } from 'antd';
import { useState } from 'react';
import type { GuardAnswer, GuardRulesWire } from '../../../../src/http/contract/deliverability.ts';
import { useAct, useVersioned } from '../../api/queries.ts';
import { DraftForm } from '../../form/draft-form.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Figure, Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { PlainTable } from './plain-table.tsx';
import { useWords } from './words.ts';

const TONES = { stopped: 'error', warning: 'warning', warming: 'info', open: 'success', off: 'info' } as const;

export function Guard() {
  const say = useWords();
  const language = useLanguage();
  const guard = useVersioned('GET /reach/guard');
  return (
    <Section title={say('guard')} text={say('guard_text')}>
      <Loaded query={guard} rows={8}>
        {({ value, version }) => (
          <>
            <Alert
              type={TONES[value.state]}
              showIcon
              className="form-alert"
              title={say(`guard_${value.state}`, { domain: value.domain })}
              description={
                <ul className="reach-plain">
                  {value.words.map((words) => (
                    <li key={words.en}>{words[language]}</li>
                  ))}
                </ul>
              }
            />
            {value.stops.map((stop) => (
              <Release key={stop.kind} stop={stop} />
            ))}
            <Rates guard={value} />
            <details className="reach-account">
              <summary>{say('guard_rules')}</summary>
              <GuardRules rules={value.rules} version={version} reload={() => void guard.refetch()} />
            </details>
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Release({ stop }: { readonly stop: GuardAnswer['stops'][number] }) {
  const say = useWords();
  const format = useFormat();
  const mayWrite = useMay()('reach.write');
  const [note, setNote] = useState('');
  const release = useAct('POST /reach/guard/release', ['GET /reach/guard']);
  return (
    <div className="reach-actions form-alert">
      <span>{say('brake', { kind: say(`brake_${stop.kind}`), day: format.day(stop.resumesOn) })}</span>
      {mayWrite ? (
        <>
          <Input
            aria-label={say('why_note')}
            placeholder={say('why_note')}
            maxLength={500}
            value={note}
            className="reach-search"
            onChange={(event) => setNote(event.target.value)}
          />
          <Button
            danger
            disabled={note.trim().length < 3}
            loading={release.isPending}
            onClick={() => release.mutate({ body: { kind: stop.kind, note: note.trim() } })}
          >
            {say('release')}
          </Button>
        </>
      ) : null}
      {release.error === null ? null : <Alert type="error" showIcon title={release.error.message} />}
    </div>
  );
}

const sum = (days: GuardAnswer['days'], of: (day: GuardAnswer['days'][number]) => number): number =>
  days.reduce((total, day) => total + of(day), 0);

/** Complaints and bounces are shares of the mails that were handed over, as the brakes count them. */
function Rates({ guard }: { readonly guard: GuardAnswer }) {
  const say = useWords();
  const format = useFormat();
  const { days, rules, cap, claimedToday } = guard;
  const mails = sum(days, ({ sent, failed }) => sent + failed);
  const rate = (bad: number): string => (mails === 0 ? '–' : format.percent(bad / mails, 2));
  return (
    <>
      <div className="figures">
        <Figure
          label={say('today')}
          value={
            cap === null
              ? format.count(claimedToday)
              : say('of_cap', { n: format.count(claimedToday), cap: format.count(cap) })
          }
          note={cap === null ? say('no_cap') : say('cap_note')}
        />
        <Figure
          label={say('complaint_rate')}
          value={rate(sum(days, ({ complaints }) => complaints))}
          note={say('complaint_note', {
            warn: format.percent(rules.complaints.warn, 1),
            stop: format.percent(rules.complaints.stop, 1),
          })}
        />
        <Figure
          label={say('bounce_rate')}
          value={rate(sum(days, ({ hard_bounces }) => hard_bounces))}
          note={say('bounce_note', { stop: format.percent(rules.bounces.stop, 0) })}
        />
        <Figure
          label={say('refusal_rate')}
          value={rate(sum(days, ({ sender_faults }) => sender_faults))}
          note={say('refusal_note', { stop: format.percent(rules.refusals.stop, 0) })}
        />
      </div>
      {days.length === 0 ? (
        <p className="muted reach-after">{say('guard_no_days')}</p>
      ) : (
        <PlainTable
          label={say('guard_days')}
          columns={[
            say('day'),
            say('mails'),
            say('failed'),
            say('complaints'),
            say('complaint_rate'),
            say('hard_bounces'),
          ]}
          rows={days
            .toReversed()
            .toSorted((a, b) => (a.day < b.day ? 1 : -1))
            .map((day) => ({
              key: day.day,
              cells: [
                format.day(day.day),
                format.count(day.sent),
                format.count(day.failed),
                format.count(day.complaints),
                day.sent + day.failed === 0 ? '' : format.percent(day.complaints / (day.sent + day.failed), 2),
                format.count(day.hard_bounces),
              ],
            }))}
        />
      )}
    </>
  );
}

type GuardRulesProps = {
  readonly rules: GuardRulesWire;
  readonly version: string | undefined;
  readonly reload: () => void;
};

const SHARES = [
  { path: ['complaints', 'warn'], label: 'complaints_warn' },
  { path: ['complaints', 'stop'], label: 'complaints_stop' },
  { path: ['bounces', 'stop'], label: 'bounces_stop' },
  { path: ['refusals', 'stop'], label: 'refusals_stop' },
] as const;
const NUMBERS = [
  { path: ['resumeDays'], label: 'resumeDays' },
  { path: ['complaints', 'least'], label: 'complaints_least' },
  { path: ['bounces', 'lastMails'], label: 'bounces_lastMails' },
  { path: ['bounces', 'leastMails'], label: 'bounces_leastMails' },
  { path: ['refusals', 'least'], label: 'refusals_least' },
] as const;
const RAMP = ['startPerDay', 'growth', 'fullPerDay'] as const;

type Fields = { readonly rules: GuardRulesWire; readonly hasRamp: boolean };
const RAMP_AT_FIRST = { startPerDay: 2_000, growth: 1.5, fullPerDay: 200_000 };

function GuardRules({ rules, version, reload }: GuardRulesProps) {
  const say = useWords();
  const isLocked = !useMay()('reach.write');
  const save = useAct('PUT /reach/guard', ['GET /reach/guard']);
  const [initial, setInitial] = useState<{ readonly of: GuardRulesWire; readonly fields: Fields }>();
  const fields =
    initial?.of === rules
      ? initial.fields
      : { rules: { ...rules, ramp: rules.ramp ?? RAMP_AT_FIRST }, hasRamp: rules.ramp !== null };
  if (initial?.of !== rules) setInitial({ of: rules, fields });
  return (
    <DraftForm<Fields, GuardAnswer, { body: { rules: GuardRulesWire }; ifMatch?: string }>
      draft="guard"
      initial={fields}
      version={version}
      save={save}
      isLocked={isLocked}
      reload={reload}
      actOf={(given, ifMatch) => ({
        body: { rules: { ...given.rules, ramp: given.hasRamp ? given.rules.ramp : null } },
        ...(ifMatch === undefined ? {} : { ifMatch }),
      })}
    >
      <Form.Item name={['rules', 'enabled']} valuePropName="checked">
        <Checkbox>{say('guard_enabled')}</Checkbox>
      </Form.Item>
      <Form.Item name="hasRamp" valuePropName="checked">
        <Checkbox>{say('guard_ramp')}</Checkbox>
      </Form.Item>
      <div className="reach-fields">
        {RAMP.map((name) => (
          <Form.Item
            key={name}
            name={['rules', 'ramp', name]}
            label={say(`guard_${name}`)}
            rules={[{ required: true }]}
          >
            <InputNumber
              className="reach-wide"
              min={1}
              {...(name === 'growth' ? { step: 0.1, max: 10 } : { precision: 0 })}
            />
          </Form.Item>
        ))}
        {SHARES.map(({ path, label }) => (
          <Form.Item
            key={label}
            name={['rules', ...path]}
            label={say(`guard_${label}`)}
            rules={[{ required: true }]}
            getValueProps={(value: number | undefined) => ({
              value: value === undefined ? undefined : Math.round(value * 100_000) / 1_000,
            })}
            normalize={(value: number | null) => (value === null ? undefined : value / 100)}
          >
            <InputNumber className="reach-wide" min={0.001} max={100} step={0.05} suffix="%" />
          </Form.Item>
        ))}
        {NUMBERS.map(({ path, label }) => (
          <Form.Item key={label} name={['rules', ...path]} label={say(`guard_${label}`)} rules={[{ required: true }]}>
            <InputNumber className="reach-wide" min={1} precision={0} />
          </Form.Item>
        ))}
      </div>
    </DraftForm>
  );
}
