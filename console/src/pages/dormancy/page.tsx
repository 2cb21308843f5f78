// Who is falling silent, and when is silence too long? The policies, and one policy from every side, each side with its own address.
import { Route, Routes } from 'react-router';
import { NewPolicy } from './new-policy.tsx';
import { PolicyList } from './policy-list.tsx';
import { PolicyPage } from './policy-page.tsx';

export function Page() {
  return (
    <Routes>
      <Route index element={<PolicyList />} />
      <Route path="new" element={<NewPolicy />} />
      <Route path=":policyId/*" element={<PolicyPage />} />
    </Routes>
  );
}
