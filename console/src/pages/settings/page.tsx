// Who works here, and as whom do we write?
import { PageFrame } from '../../frame/page-frame.tsx';
import { Empty } from '../../frame/states.tsx';
import { useWords } from './words.ts';

export function Page() {
  const say = useWords();
  return (
    <PageFrame title={say('title')} question={say('question')}>
      <Empty title={say('not_yet')} text={say('not_yet_text')} />
    </PageFrame>
  );
}
