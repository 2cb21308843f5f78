// By what are people told apart? A choice of dimensions; one of them, a trait, wants its name first.
import { Input } from 'antd';
import { useState, type ReactNode } from 'react';
import { useShared } from '../words/language.ts';

type Grouping<Name extends string> = {
  readonly by: Name;
  readonly choose: (by: Name) => void;
  readonly setTrait: (trait: string) => void;
  /** False while the trait has no name yet: then there is nothing to ask. */
  readonly isReady: boolean;
  /** What the server is asked. */
  readonly body: { readonly by: Name; readonly trait?: string };
};

export function useGrouping<Name extends string>(first: Name): Grouping<Name> {
  const [by, choose] = useState<Name>(first);
  const [trait, setTrait] = useState('');
  const isTrait = by === 'trait';
  return { by, choose, setTrait, isReady: !isTrait || trait !== '', body: { by, ...(isTrait ? { trait } : {}) } };
}

/** Asks for the trait where one is wanted, and shows the groups once they can be had. */
export function Grouped<Name extends string>({
  grouping,
  children,
}: {
  readonly grouping: Grouping<Name>;
  readonly children: ReactNode;
}) {
  const say = useShared();
  return (
    <>
      {grouping.by === 'trait' ? (
        <Input.Search
          className="grouping-trait"
          aria-label={say('trait')}
          placeholder={say('trait_example')}
          enterButton={say('show')}
          onSearch={(value) => grouping.setTrait(value.trim())}
        />
      ) : null}
      {grouping.isReady ? children : <p className="muted">{say('trait_help')}</p>}
    </>
  );
}
