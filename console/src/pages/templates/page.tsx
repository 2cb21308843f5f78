// What do we say, and is it lawful? Every template by kind, and one in its editor.
import { Route, Routes } from 'react-router';
import { TemplateList } from './template-list.tsx';
import { NewTemplate, SavedTemplate } from './template-page.tsx';

export function Page() {
  return (
    <Routes>
      <Route index element={<TemplateList />} />
      <Route path="new/:kind" element={<NewTemplate />} />
      <Route path=":templateId" element={<SavedTemplate />} />
    </Routes>
  );
}
