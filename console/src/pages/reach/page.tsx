// May we contact them, and does it arrive? One place per question, each with its own address.
import { Navigate, NavLink, Route, Routes } from 'react-router';
import type { Permission } from '../../../../src/http/contract/permissions.ts';
import { PageFrame } from '../../frame/page-frame.tsx';
import { useMay } from '../../session/session.tsx';
import { Channels } from './channels.tsx';
import { Inbound } from './inbound.tsx';
import { Messages } from './messages.tsx';
import { Rules } from './rules.tsx';
import { Suppressions } from './suppressions.tsx';
import { useWords } from './words.ts';
import './reach.css';

const PLACES = [
  { name: 'channels', permission: 'reach.read', Content: Channels },
  { name: 'rules', permission: 'reach.read', Content: Rules },
  { name: 'messages', permission: 'reach.read', Content: Messages },
  { name: 'suppressions', permission: 'reach.read', Content: Suppressions },
  { name: 'inbound', permission: 'people.contact_data', Content: Inbound },
] as const satisfies readonly { name: string; permission: Permission; Content: () => unknown }[];

export function Page() {
  const say = useWords();
  const may = useMay();
  const places = PLACES.filter(({ permission }) => may(permission));
  return (
    <PageFrame title={say('title')} question={say('question')}>
      <nav className="reach-places" aria-label={say('title')}>
        {places.map(({ name }) => (
          <NavLink key={name} to={`/reach/${name}`} className="reach-place">
            {say(`place_${name}`)}
          </NavLink>
        ))}
      </nav>
      <Routes>
        {places.map(({ name, Content }) => (
          <Route key={name} path={name} element={<Content />} />
        ))}
        <Route path="*" element={<Navigate to="/reach/channels" replace />} />
      </Routes>
    </PageFrame>
  );
}
