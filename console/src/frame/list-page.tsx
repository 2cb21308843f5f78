// A page that lists things of one kind: its question, the way to a new one for whoever may make it, and what stands there while there is none.
import { Button } from 'antd';
import { PlusOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ApiProblem } from '../api/problem.ts';
import { PageFrame } from './page-frame.tsx';
import { Empty, Loaded } from './states.tsx';

type ListPageProps<T> = {
  readonly title: string;
  readonly question: string;
  readonly intro: string;
  /** Absent for whoever may not make one. */
  readonly create: { readonly label: string; readonly to: string } | undefined;
  readonly query: UseQueryResult<T, ApiProblem>;
  readonly isEmpty: (data: T) => boolean;
  readonly none: { readonly title: string; readonly text: string };
  readonly children: (data: T) => ReactNode;
};

export function ListPage<T>({ title, question, intro, create, query, isEmpty, none, children }: ListPageProps<T>) {
  const navigate = useNavigate();
  const button =
    create === undefined ? undefined : (
      <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate(create.to)}>
        {create.label}
      </Button>
    );
  return (
    <PageFrame title={title} question={question} intro={intro} actions={button}>
      <Loaded query={query} empty={{ when: isEmpty, show: <Empty {...none} action={button} /> }}>
        {children}
      </Loaded>
    </PageFrame>
  );
}
