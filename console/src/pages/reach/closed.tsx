// An account that stands still for a while: until when, and what its provider said.
import { Tag } from 'antd';
import { useFormat } from '../../format/use-format.ts';
import { useWords } from './words.ts';

export function Closed({ closed }: { readonly closed: { readonly until: string; readonly detail: string } }) {
  const say = useWords();
  const format = useFormat();
  return (
    <span>
      <Tag color="error">{say('account_closed', { until: format.instant(closed.until) })}</Tag>
      <span className="muted">{closed.detail}</span>
    </span>
  );
}
