// Who are they, and what is each one's story? Everybody in a table, and one person in depth.
import { Route, Routes } from 'react-router';
import { PeopleTable } from './people-table.tsx';
import { PersonPage } from './person-page.tsx';

export function Page() {
  return (
    <Routes>
      <Route index element={<PeopleTable />} />
      <Route path=":personId" element={<PersonPage />} />
    </Routes>
  );
}
