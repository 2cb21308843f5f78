// What somebody sees who is not signed in.
import { Button } from 'antd';
import type { SessionState } from '../../../src/http/contract/session.ts';
import { queryClient } from '../api/queries.ts';
import { Wordmark } from '../frame/wordmark.tsx';
import { changeLanguage, useLanguage } from '../words/language.ts';
import { SignInForm } from './sign-in-form.tsx';
import { useWords } from './words.ts';
import './door.css';

type Outside = Exclude<SessionState, { state: 'signed_in' }>;

export function Door({ session }: { readonly session: Outside }) {
  const say = useWords();
  const language = useLanguage();
  return (
    <div className="door">
      <header className="door-top">
        <Wordmark />
        <Button
          type="text"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => changeLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          {language === 'zh' ? LANGUAGE_NAMES.en : LANGUAGE_NAMES.zh}
        </Button>
      </header>
      <main className="door-main">
        <div className="door-card">
          <h1>{session.state === 'signed_out' ? say('welcome_back', { brand: session.brand }) : say('welcome')}</h1>
          <SignInForm onSignedIn={() => void queryClient.invalidateQueries({ queryKey: ['GET /session'] })} />
        </div>
      </main>
    </div>
  );
}

const LANGUAGE_NAMES = { en: 'English', zh: '中文' } as const;
