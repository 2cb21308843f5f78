// Which people belong together? The saved segments, and building one.
import { Route, Routes } from 'react-router';
import { NewSegment, SegmentPage } from './segment-editor.tsx';
import { SegmentList } from './segment-list.tsx';

export function Page() {
  return (
    <Routes>
      <Route index element={<SegmentList />} />
      <Route path="new" element={<NewSegment />} />
      <Route path=":segmentId" element={<SegmentPage />} />
    </Routes>
  );
}
