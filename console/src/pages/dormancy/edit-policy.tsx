// The rule of a policy, to be changed: saving makes the next version.
import { useNavigate } from 'react-router';
import type { SavedPolicyWire } from '../../../../src/http/contract/policies.ts';
import { PolicyForm } from './policy-form.tsx';

export function EditPolicy({ saved: { policy, version } }: { readonly saved: SavedPolicyWire }) {
  const navigate = useNavigate();
  return (
    <PolicyForm
      key={version}
      draft={`policy:${policy.policyId}:${version}`}
      policy={policy}
      isNew={false}
      onSaved={(policyId) => void navigate(`/dormancy/${policyId}/people`)}
    />
  );
}
