// When people enter, how many are left alone, and when it ends for a person.
import { InputNumber, Segmented, Slider, Switch } from 'antd';
import type { ProgrammeBody } from '../../../../src/http/contract/programmes.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Field } from './field.tsx';
import { useWords } from './words.ts';

type EntryProps = { readonly body: ProgrammeBody; readonly set: (to: ProgrammeBody, field: string) => void };

const EVERY_WEEK = { mode: 'recurring', everyDays: 7, reentryAfterDays: 180 } as const;

export function EntryFields({ body, set }: EntryProps) {
  const say = useWords();
  const format = useFormat();
  const { entry } = body;
  return (
    <>
      <Section title={say('entry')} text={say('entry_text')}>
        <Segmented
          aria-label={say('entry')}
          value={entry.mode}
          onChange={(mode) => set({ ...body, entry: mode === 'once' ? { mode } : EVERY_WEEK }, '')}
          options={[
            { value: 'recurring', label: say('entry_recurring') },
            { value: 'once', label: say('entry_once') },
          ]}
        />
        {entry.mode === 'once' ? null : (
          <div className="programmes-form programmes-above">
            <Field id="every" label={say('field_every')}>
              <InputNumber
                id="every"
                min={1}
                max={365}
                value={entry.everyDays}
                onChange={(days) => set({ ...body, entry: { ...entry, everyDays: days ?? 7 } }, 'every')}
              />
            </Field>
            <Field id="again" label={say('field_again')}>
              <InputNumber
                id="again"
                min={1}
                max={3_650}
                value={entry.reentryAfterDays}
                onChange={(days) => set({ ...body, entry: { ...entry, reentryAfterDays: days ?? 180 } }, 'again')}
              />
            </Field>
          </div>
        )}
      </Section>
      <div className="columns">
        <Section title={say('control')} text={say('control_text')}>
          <Slider
            ariaLabelForHandle={say('control')}
            min={0}
            max={0.5}
            step={0.01}
            value={body.controlShare}
            tooltip={{ formatter: (share) => format.percent(share ?? 0, 0) }}
            onChange={(controlShare) => set({ ...body, controlShare }, 'control')}
          />
          <p role="status" className={body.controlShare === 0 ? 'programmes-problem' : 'muted'}>
            {body.controlShare === 0
              ? say('control_none')
              : say('control_share', { share: format.percent(body.controlShare, 0) })}
          </p>
        </Section>
        <Section title={say('goal')} text={say('goal_text')}>
          <Field id="goal" label={say('field_goal')}>
            <InputNumber
              id="goal"
              min={1}
              max={365}
              value={body.goal.withinDays}
              onChange={(days) => set({ ...body, goal: { withinDays: days ?? 30 } }, 'goal')}
            />
          </Field>
          <label className="programmes-switch">
            <Switch
              checked={body.exitOnReturn !== false}
              onChange={(exitOnReturn) => set({ ...body, exitOnReturn }, '')}
            />
            <span>{say('field_exit')}</span>
          </label>
        </Section>
      </div>
    </>
  );
}
