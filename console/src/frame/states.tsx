// Loading, failing and having nothing: the three states that every answer has besides being there.
import { Alert, Button, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import { ApiProblem } from '../api/problem.ts';
import { useShared } from '../words/language.ts';
import './states.css';

export function Loading({ rows = 4 }: { readonly rows?: number }) {
  const say = useShared();
  return (
    <div className="state-loading" role="status">
      <span className="visually-hidden">{say('loading')}</span>
      <Skeleton active title={{ width: '38%' }} paragraph={{ rows }} />
    </div>
  );
}

/** What went wrong in the person's language, with a way on. */
export function Failed({ error, retry }: { readonly error: unknown; readonly retry?: (() => void) | undefined }) {
  const say = useShared();
  const problem = error instanceof ApiProblem ? error : undefined;
  return (
    <Alert
      type="error"
      showIcon
      title={say('problem_title')}
      description={
        <>
          <p>{problem?.message ?? say('problem_unexpected')}</p>
          {problem === undefined ? null : <p className="muted">{say('problem_code', { code: problem.code })}</p>}
        </>
      }
      action={retry === undefined ? null : <Button onClick={retry}>{say('try_again')}</Button>}
    />
  );
}

type EmptyProps = {
  readonly title: string;
  readonly text?: string;
  /** What to do about it: a button or a link. */
  readonly action?: ReactNode;
};

/** Nothing here yet: says what would be here, and the next step. */
export function Empty({ title, text, action }: EmptyProps) {
  return (
    <div className="state-empty">
      <svg viewBox="0 0 120 64" aria-hidden="true">
        <path d="M6 58h108" />
        <path className="state-empty-coals" d="M34 58c2-9 9-13 15-13 5 0 6 3 11 3s7-5 13-5c8 0 12 7 14 15Z" />
        <path className="state-empty-smoke" d="M60 40c-7-8 6-12 0-21-2-4-2-8 2-13" />
      </svg>
      <h2>{title}</h2>
      {text === undefined ? null : <p className="muted">{text}</p>}
      {action === undefined ? null : <div className="state-empty-action">{action}</div>}
    </div>
  );
}

type LoadedProps<T> = {
  readonly query: UseQueryResult<T, ApiProblem>;
  readonly rows?: number;
  /** Shown instead of the content when the answer holds nothing. */
  readonly empty?: { readonly when: (data: T) => boolean; readonly show: ReactNode };
  readonly children: (data: T) => ReactNode;
};

/** The content of an answer, or the state it is in. */
export function Loaded<T>({ query, rows, empty, children }: LoadedProps<T>) {
  if (query.data !== undefined) return empty?.when(query.data) === true ? empty.show : children(query.data);
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  return <Loading {...(rows === undefined ? {} : { rows })} />;
}
