// Two people edited one thing: the later one is told before anything is overwritten.
import { Alert, Button } from 'antd';
import { useShared } from '../words/language.ts';

type ConflictNoticeProps = { readonly onLoad: () => void; readonly onOverwrite: () => void };

export function ConflictNotice({ onLoad, onOverwrite }: ConflictNoticeProps) {
  const say = useShared();
  return (
    <Alert
      type="warning"
      showIcon
      className="form-alert"
      title={say('conflict_title')}
      description={
        <>
          <p>{say('conflict_text')}</p>
          <p className="conflict-actions">
            <Button onClick={onLoad}>{say('conflict_load')}</Button>
            <Button danger onClick={onOverwrite}>
              {say('conflict_overwrite')}
            </Button>
          </p>
        </>
      }
    />
  );
}
