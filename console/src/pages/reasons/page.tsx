// Why did they go? What the traces say, for whom, how it changes, and what people say themselves when asked.
import { Select } from 'antd';
import type { ReactNode } from 'react';
import { Link, Navigate, Route, Routes, useSearchParams } from 'react-router';
import type { SavedPolicyWire } from '../../../../src/http/contract/policies.ts';
import { useApi } from '../../api/queries.ts';
import { PageFrame } from '../../frame/page-frame.tsx';
import { Places } from '../../frame/places.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { Causes, ExplainButton } from './causes.tsx';
import { Drift } from './drift.tsx';
import { Groups } from './groups.tsx';
import { Surveys } from './surveys.tsx';
import { useWords } from './words.ts';
import './reasons.css';

const PLACES = [
  { name: 'causes', Content: Causes, needsReasons: true },
  { name: 'groups', Content: Groups, needsReasons: true },
  { name: 'drift', Content: Drift, needsReasons: false },
  { name: 'surveys', Content: Surveys, needsReasons: false },
] as const;

export function Page() {
  const say = useWords();
  const policies = useApi('GET /policies');
  const [params, setParams] = useSearchParams();
  const active = policies.data?.policies.filter((saved) => saved.active) ?? [];
  const chosen = active.find(({ policy }) => policy.policyId === params.get('policy')) ?? active[0];
  const policyId = chosen?.policy.policyId;
  const search = params.size === 0 ? '' : `?${params.toString()}`;
  return (
    <PageFrame
      title={say('title')}
      question={say('question')}
      intro={say('intro')}
      actions={
        active.length < 2 || policyId === undefined ? undefined : (
          <PolicyChoice
            policies={active}
            policyId={policyId}
            onChange={(policy) => setParams({ policy }, { replace: true })}
          />
        )
      }
    >
      <Places
        label={say('title')}
        places={PLACES.map(({ name }) => ({ to: `/reasons/${name}${search}`, label: say(`place_${name}`) }))}
      />
      <Loaded query={policies} rows={8}>
        {() =>
          policyId === undefined ? (
            <Empty
              title={say('no_policy')}
              text={say('no_policy_text')}
              action={<Link to="/dormancy">{say('to_dormancy')}</Link>}
            />
          ) : (
            <Routes>
              {PLACES.map(({ name, Content, needsReasons }) => (
                <Route
                  key={name}
                  path={name}
                  element={
                    needsReasons ? (
                      <Explained key={policyId} policyId={policyId}>
                        <Content policyId={policyId} />
                      </Explained>
                    ) : (
                      <Content key={policyId} policyId={policyId} />
                    )
                  }
                />
              ))}
              <Route path="*" element={<Navigate to={`/reasons/causes${search}`} replace />} />
            </Routes>
          )
        }
      </Loaded>
    </PageFrame>
  );
}

/** What needs the reasons of the policy, or the way to them where nobody has been explained yet. */
function Explained({ policyId, children }: { readonly policyId: string; readonly children: ReactNode }) {
  const say = useWords();
  const mayWrite = useMay()('reasons.write');
  const policy = useApi('GET /policies/{policyId}', { params: { policyId } });
  return (
    <Loaded
      query={policy}
      rows={8}
      empty={{
        when: ({ reasonsAsOf }) => reasonsAsOf === null,
        show: (
          <Empty
            title={say('never')}
            text={say('never_text')}
            action={mayWrite ? <ExplainButton policyId={policyId} /> : undefined}
          />
        ),
      }}
    >
      {() => children}
    </Loaded>
  );
}

type PolicyChoiceProps = {
  readonly policies: readonly SavedPolicyWire[];
  readonly policyId: string;
  readonly onChange: (policyId: string) => void;
};

function PolicyChoice({ policies, policyId, onChange }: PolicyChoiceProps) {
  const say = useWords();
  const language = useLanguage();
  return (
    <Select
      aria-label={say('policy')}
      value={policyId}
      onChange={onChange}
      options={policies.map(({ policy }) => ({ value: policy.policyId, label: policy.name[language] }))}
      className="reasons-policy"
    />
  );
}
