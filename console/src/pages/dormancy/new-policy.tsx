// A policy from nothing or from a preset.
import { Segmented } from 'antd';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { PolicyWire } from '../../../../src/http/contract/policies.ts';
import { useApi } from '../../api/queries.ts';
import { PageFrame, Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useTerms } from '../../words/terms.ts';
import { PolicyForm } from './policy-form.tsx';
import { useWords } from './words.ts';
import './dormancy.css';

export function NewPolicy() {
  const say = useWords();
  const presets = useApi('GET /policies/presets');
  return (
    <PageFrame
      title={say('title')}
      question={say('new_question')}
      intro={
        <Link to="/dormancy" className="dormancy-back">
          {say('all')}
        </Link>
      }
    >
      <Loaded
        query={presets}
        empty={{
          when: ({ occurringEvents }) => occurringEvents.length === 0,
          show: <Empty title={say('no_events')} text={say('no_events_text')} />,
        }}
      >
        {(data) => <FromPreset presets={data.presets} />}
      </Loaded>
    </PageFrame>
  );
}

type Preset = { readonly preset: string; readonly policy: PolicyWire; readonly usable: boolean };

function FromPreset({ presets }: { readonly presets: readonly Preset[] }) {
  const say = useWords();
  const term = useTerms();
  const navigate = useNavigate();
  const [chosen, choose] = useState(() => presets.find(({ usable }) => usable)?.preset ?? presets[0]?.preset ?? '');
  const preset = presets.find((each) => each.preset === chosen);
  return (
    <>
      <Section title={say('presets')} text={say('presets_text')}>
        <Segmented
          vertical
          block
          aria-label={say('presets')}
          value={chosen}
          onChange={choose}
          options={presets.map(({ preset: name, usable }) => ({
            value: name,
            disabled: !usable,
            label: usable ? term('preset', name) : say('preset_unusable', { name: term('preset', name) }),
          }))}
        />
      </Section>
      {preset === undefined ? null : (
        <PolicyForm
          key={chosen}
          draft={`policy:new:${chosen}`}
          policy={preset.policy}
          isNew
          onSaved={(policyId) => void navigate(`/dormancy/${policyId}`)}
        />
      )}
    </>
  );
}
