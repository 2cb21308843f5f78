// What came back because of us? A list of programmes with their effect, and one programme's result in depth.
import { Route, Routes } from 'react-router';
import { ProgrammeList } from './programme-list.tsx';
import { ProgrammeResult } from './programme-result.tsx';

export function Page() {
  return (
    <Routes>
      <Route index element={<ProgrammeList />} />
      <Route path=":programmeId" element={<ProgrammeResult />} />
    </Routes>
  );
}
