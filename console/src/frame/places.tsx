// The places of a page, each with its own address: a row of links that scrolls where it does not fit.
import { useEffect, useRef } from 'react';
import { NavLink, useLocation } from 'react-router';
import './page-frame.css';

type PlacesProps = {
  readonly label: string;
  readonly places: readonly { readonly to: string; readonly label: string }[];
};

export function Places({ label, places }: PlacesProps) {
  const row = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    // Where the row scrolls, the place one is at must not be the one that is cut off.
    const place = row.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (row.current === null || place === null || place === undefined) return;
    row.current.scrollLeft = place.offsetLeft - (row.current.clientWidth - place.offsetWidth) / 2;
  }, [pathname]);
  return (
    <nav ref={row} className="places" aria-label={label}>
      {places.map(({ to, label: name }) => (
        <NavLink key={to} to={to} className="place">
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
