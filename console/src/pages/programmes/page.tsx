// Whom do we contact with what, and whom do we leave alone? The list with the gallery, an editor for drafts, and one programme as it runs.
import { Route, Routes } from 'react-router';
import { EditProgramme, NewProgramme } from './edit-programme.tsx';
import { ProgrammeList } from './programme-list.tsx';
import { ProgrammeView } from './programme-view.tsx';

export function Page() {
  return (
    <Routes>
      <Route index element={<ProgrammeList />} />
      <Route path="new" element={<NewProgramme />} />
      <Route path=":programmeId" element={<ProgrammeView />} />
      <Route path=":programmeId/edit" element={<EditProgramme />} />
    </Routes>
  );
}
