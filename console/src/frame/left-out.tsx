// Which amounts do the sums on this page leave out? In the server's words, where there are any.
import { Alert } from 'antd';
import type { OverviewReady } from '../../../src/http/contract/overview.ts';
import { useLanguage } from '../words/language.ts';

export function LeftOut({ told }: { readonly told: OverviewReady['leftOut'] | undefined }) {
  const language = useLanguage();
  return told === null || told === undefined ? null : (
    <Alert type="warning" showIcon className="form-alert" title={told.words[language]} />
  );
}
