// The analysis as a page of its own: what an import leads to, with what came of the import below it.
import { useSearchParams } from 'react-router';
import { PageFrame, Section } from '../frame/page-frame.tsx';
import { ImportLine, ImportResult } from '../import/import-result.tsx';
import { AnalysisView } from './analysis-view.tsx';
import { useWords } from './words.ts';

export function AnalysisPage() {
  const say = useWords();
  const [params] = useSearchParams();
  const importId = params.get('import');
  return (
    <PageFrame title={say('title')} question={say('question')}>
      {importId === null ? null : <ImportLine importId={importId} />}
      <AnalysisView />
      {importId === null ? null : (
        <Section>
          <ImportResult importId={importId} />
        </Section>
      )}
    </PageFrame>
  );
}
