// One policy: its people, its threshold, how people move, whether it was right, its rule, its versions.
import { Button } from 'antd';
import { Link, Navigate, Route, Routes, useNavigate, useParams } from 'react-router';
import type { PolicyWire, SavedPolicyWire } from '../../../../src/http/contract/policies.ts';
import { useApi } from '../../api/queries.ts';
import { PageFrame } from '../../frame/page-frame.tsx';
import { Places } from '../../frame/places.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { EditPolicy } from './edit-policy.tsx';
import { Movement } from './movement.tsx';
import { Proof } from './proof.tsx';
import { useRuleText } from './rule-text.ts';
import { Stages } from './stages.tsx';
import { Threshold } from './threshold.tsx';
import { Versions } from './versions.tsx';
import { useWords } from './words.ts';
import './dormancy.css';

const PLACES = ['people', 'threshold', 'movement', 'proof', 'rule', 'versions'] as const;
type Place = (typeof PLACES)[number];

export function PolicyPage() {
  const say = useWords();
  const language = useLanguage();
  const navigate = useNavigate();
  const mayWrite = useMay()('policies.write');
  const ruleText = useRuleText();
  const { policyId = '' } = useParams();
  const saved = useApi('GET /policies/{policyId}', { params: { policyId } });
  const name = saved.data?.policy.name[language] ?? policyId;
  return (
    <PageFrame
      title={say('title')}
      question={name}
      intro={
        <>
          <Link to="/dormancy" className="dormancy-back">
            {say('all')}
          </Link>
          {saved.data === undefined ? null : ruleText(saved.data.policy.rule)}
        </>
      }
      actions={
        mayWrite ? (
          <Button onClick={() => void navigate(`/dormancy/${policyId}/rule`)}>{say('change_rule')}</Button>
        ) : undefined
      }
    >
      <Places
        label={name}
        places={PLACES.map((place) => ({ to: `/dormancy/${policyId}/${place}`, label: say(`place_${place}`) }))}
      />
      <Loaded query={saved} rows={8}>
        {(data) => (
          <Routes>
            {PLACES.map((place) => (
              <Route key={place} path={place} element={<PlaceOf place={place} saved={data} />} />
            ))}
            <Route path="*" element={<Navigate to={`/dormancy/${policyId}/people`} replace />} />
          </Routes>
        )}
      </Loaded>
    </PageFrame>
  );
}

type PlaceProps = {
  readonly place: Place;
  readonly saved: SavedPolicyWire & { readonly evaluatedUntil: string | null };
};

function PlaceOf({ place, saved }: PlaceProps) {
  const policy: PolicyWire = saved.policy;
  switch (place) {
    case 'people':
      return <Stages policy={policy} />;
    case 'threshold':
      return <Threshold policy={policy} />;
    case 'movement':
      return <Movement policy={policy} evaluatedUntil={saved.evaluatedUntil} />;
    case 'proof':
      return <Proof policy={policy} />;
    case 'rule':
      return <EditPolicy saved={saved} />;
    case 'versions':
      return <Versions policyId={policy.policyId} />;
  }
}
