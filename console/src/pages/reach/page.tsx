// May we contact them, and does it arrive? One place per question, each with its own address.
import { Navigate, Route, Routes } from 'react-router';
import type { Permission } from '../../../../src/http/contract/permissions.ts';
import { PageFrame } from '../../frame/page-frame.tsx';
import { Places } from '../../frame/places.tsx';
import { useMay } from '../../session/session.tsx';
import { Accounts } from './accounts.tsx';
import { Audiences } from './audiences.tsx';
import { Channels } from './channels.tsx';
import { Email } from './email.tsx';
import { Inbound } from './inbound.tsx';
import { Messages } from './messages.tsx';
import { Posts } from './posts.tsx';
import { Proofs } from './proofs.tsx';
import { Rules } from './rules.tsx';
import { Suppressions } from './suppressions.tsx';
import { useWords } from './words.ts';
import './reach.css';

const PLACES = [
  { name: 'channels', permission: 'reach.read', Content: Channels },
  { name: 'email', permission: 'reach.read', Content: Email },
  { name: 'accounts', permission: 'reach.read', Content: Accounts },
  { name: 'rules', permission: 'reach.read', Content: Rules },
  { name: 'messages', permission: 'reach.read', Content: Messages },
  { name: 'audiences', permission: 'reach.read', Content: Audiences },
  { name: 'posts', permission: 'reach.read', Content: Posts },
  { name: 'suppressions', permission: 'reach.read', Content: Suppressions },
  { name: 'proofs', permission: 'people.export', Content: Proofs },
  { name: 'inbound', permission: 'people.contact_data', Content: Inbound },
] as const satisfies readonly { name: string; permission: Permission; Content: () => unknown }[];

export function Page() {
  const say = useWords();
  const may = useMay();
  const places = PLACES.filter(({ permission }) => may(permission));
  return (
    <PageFrame title={say('title')} question={say('question')}>
      <Places
        label={say('title')}
        places={places.map(({ name }) => ({ to: `/reach/${name}`, label: say(`place_${name}`) }))}
      />
      <Routes>
        {places.map(({ name, Content }) => (
          <Route key={name} path={name} element={<Content />} />
        ))}
        <Route path="*" element={<Navigate to="/reach/channels" replace />} />
      </Routes>
    </PageFrame>
  );
}
