import { pageWords } from '../../words/language.ts';
import { en } from './operations.en.ts';
import { zh } from './operations.zh.ts';

const useSaid = pageWords('operations', { en, zh });

const isKnown = (key: string): key is keyof typeof en => Object.hasOwn(en, key);

/** What a change was; '' of one that an older version made. */
export function useDone(): (action: string) => string {
  const say = useSaid();
  return (action) => {
    const key = `did_${action}`;
    return isKnown(key) ? say(key) : '';
  };
}
