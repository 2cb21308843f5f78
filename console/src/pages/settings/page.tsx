// Who works here, as whom do we write, and who may get in? One place per question, each with its own address.
import { Navigate, Route, Routes } from 'react-router';
import type { Permission } from '../../../../src/http/contract/permissions.ts';
import { PageFrame } from '../../frame/page-frame.tsx';
import { Places } from '../../frame/places.tsx';
import { useMay, useMe } from '../../session/session.tsx';
import { Account } from './account.tsx';
import { Audit } from './audit.tsx';
import { BusinessProfile } from './business-profile.tsx';
import { Keys } from './keys.tsx';
import { Members } from './members.tsx';
import { useWords } from './words.ts';
import './settings.css';

const PLACES = [
  { name: 'business', permission: 'business.read', Content: BusinessProfile },
  { name: 'account', permission: undefined, Content: Account },
  { name: 'members', permission: 'members.read', Content: Members },
  { name: 'keys', permission: 'keys.read', Content: Keys },
  { name: 'audit', permission: 'audit.read', Content: Audit },
] as const satisfies readonly { name: string; permission: Permission | undefined; Content: () => unknown }[];

export function Page() {
  const say = useWords();
  const may = useMay();
  const me = useMe();
  const places = PLACES.filter(({ permission }) => (permission === undefined ? me.memberId !== null : may(permission)));
  return (
    <PageFrame title={say('title')} question={say('question')}>
      <Places
        label={say('title')}
        places={places.map(({ name }) => ({ to: `/settings/${name}`, label: say(`place_${name}`) }))}
      />
      <Routes>
        {places.map(({ name, Content }) => (
          <Route key={name} path={name} element={<Content />} />
        ))}
        <Route path="*" element={<Navigate to={`/settings/${places[0]?.name ?? ''}`} replace />} />
      </Routes>
    </PageFrame>
  );
}
