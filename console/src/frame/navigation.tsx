// The side navigation: pages by what they are for.
import { NavLink } from 'react-router';
import { useMay } from '../session/session.tsx';
import { useShared } from '../words/language.ts';
import { pathOf } from '../page-names.ts';
import { GROUPS, PAGES } from '../pages.tsx';

export function Navigation({ onChosen }: { readonly onChosen: () => void }) {
  const say = useShared();
  const may = useMay();
  return (
    <nav aria-label={say('pages')} className="nav">
      {GROUPS.map((group) => {
        const pages = PAGES.filter((page) => page.group === group && may(page.permission));
        return pages.length === 0 ? null : (
          <div key={group} className="nav-group">
            <p className="nav-group-name" id={`nav-${group}`}>
              {say(`group_${group}`)}
            </p>
            <ul aria-labelledby={`nav-${group}`}>
              {pages.map((page) => (
                <li key={page.name}>
                  <NavLink
                    to={pathOf(page.name)}
                    end={page.name === 'overview'}
                    className="nav-link"
                    onClick={onChosen}
                  >
                    <span aria-hidden="true" className="nav-icon">
                      {page.icon}
                    </span>
                    {say(`page_${page.name}`)}
                  </NavLink>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}
