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
        <path d="M40 57l40-11M80 57L40 46" />
        <path
          className="state-empty-flame"
          d="M60 46c-8 0-13-5-13-12 0-9 8-12 9-22 7 4 8 9 7 13 2-1 3-2 4-4 4 5 6 9 6 13 0 7-5 12-13 12Z"
        />
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
