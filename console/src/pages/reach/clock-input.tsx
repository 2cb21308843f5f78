// A time of day as it is stored, `HH:mm` of 24 hours: a browser's own field would follow its language and show a.m. and p.m.
import { Input } from 'antd';
import { useState } from 'react';
import { clockOf } from './clock.ts';
import { useWords } from './words.ts';

export function ClockInput({
  value,
  onChange,
  isLocked,
  ...named
}: {
  readonly value: string;
  /** A whole time, or nothing; never half of one. */
  readonly onChange: (time: string) => void;
  readonly isLocked: boolean;
} & ({ readonly id: string } | { readonly 'aria-label': string })) {
  const say = useWords();
  const [typed, setTyped] = useState<string>();
  return (
    <Input
      {...named}
      className="reach-time"
      inputMode="numeric"
      placeholder={say('clock_form')}
      maxLength={5}
      disabled={isLocked}
      value={typed ?? value}
      {...(typed !== undefined && typed !== '' && clockOf(typed) === undefined ? { status: 'error' as const } : {})}
      onChange={(event) => {
        const text = event.target.value.trim();
        setTyped(text);
        const time = text === '' ? '' : clockOf(text);
        if (time !== undefined) onChange(time);
      }}
      onBlur={() => setTyped(undefined)}
    />
  );
}
