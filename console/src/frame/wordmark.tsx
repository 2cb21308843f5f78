// The name with its ember.
import { useShared } from '../words/language.ts';

export function Wordmark() {
  const say = useShared();
  return (
    <span className="wordmark">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path
          className="wordmark-flame"
          d="M17.2 2.5c1.2 5-1.4 7.3-3.6 9.8-2 2.3-4.1 4.6-4.1 8.2a7.5 7.5 0 0 0 15 .3c0-2.9-1.2-5-2.3-6.7-.4 1.9-1.2 3-2.3 3.8.5-4.9-.3-11.3-2.7-15.4Z"
        />
        <path
          className="wordmark-core"
          d="M16.7 17.6c.2 2-1 3-1.9 4-.7.9-1.3 1.7-1.3 2.9a3.3 3.3 0 0 0 6.6.1c0-1.7-.9-2.7-1.6-3.6-.6-.9-1.3-1.8-1.8-3.4Z"
        />
      </svg>
      {say('app')}
    </span>
  );
}
