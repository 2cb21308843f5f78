// The places of a page, each with its own address: a row of links that scrolls where it does not fit.
import { NavLink } from 'react-router';
import './page-frame.css';

type PlacesProps = {
  readonly label: string;
  readonly places: readonly { readonly to: string; readonly label: string }[];
};

export function Places({ label, places }: PlacesProps) {
  return (
    <nav className="places" aria-label={label}>
      {places.map(({ to, label: name }) => (
        <NavLink key={to} to={to} className="place">
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
