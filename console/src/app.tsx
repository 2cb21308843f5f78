// Providers and routes: from the answer about the session to the page in its frame.
import { LoadingOutlined } from '@ant-design/icons';
import { App as AntApp, Button, ConfigProvider } from 'antd';
import enGB from 'antd/locale/en_GB';
import zhCN from 'antd/locale/zh_CN';
import { QueryClientProvider, type UseQueryResult } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { BrowserRouter, Link, Navigate, Route, Routes } from 'react-router';
import type { ApiProblem } from './api/problem.ts';
import { queryClient, useApi } from './api/queries.ts';
import { sessionEnded, signedInAgain } from './api/session-ended.ts';
import { Boundary } from './frame/boundary.tsx';
import { Shell } from './frame/shell.tsx';
import { Empty, Failed, Loading } from './frame/states.tsx';
import { pathOf } from './page-names.ts';
import { PAGES, type Page } from './pages.tsx';
import { SessionProvider, useMay, useMe, type SignedIn } from './session/session.tsx';
import { ThemeProvider, useTheme } from './theme/theme-choice.tsx';
import { antdTheme } from './theme/theme.ts';
import { useLanguage, useShared } from './words/language.ts';
import type { SessionState } from '../../src/http/contract/session.ts';

const Door = lazy(async () => ({ default: (await import('./session/door.tsx')).Door }));
const SignInAgain = lazy(async () => ({ default: (await import('./session/sign-in-again.tsx')).SignInAgain }));

/** The server gives every answer its own nonce; styles made at run time carry it. */
const nonce = document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce;

/** Links for somebody who is not signed in; whoever is has no use for them. */
const DOOR_PATHS = ['/enter', '/join', '/reset', '/forgotten'];

function Permitted({ page }: { readonly page: Page }) {
  const say = useShared();
  const me = useMe();
  if (useMay()(page.permission)) return <page.Content />;
  return <Empty title={say('not_permitted')} text={say('not_permitted_text', { role: say(`role_${me.role}`) })} />;
}

/** Signing in again weighs as much as a page, so it is fetched when a session really has ended. */
function SessionWatch() {
  const hasEnded = useSyncExternalStore(sessionEnded.subscribe, sessionEnded.now);
  return hasEnded ? (
    <Suspense fallback={null}>
      <SignInAgain />
    </Suspense>
  ) : null;
}

function Missing() {
  const say = useShared();
  return (
    <Empty
      title={say('page_missing')}
      text={say('page_missing_text')}
      action={
        <Link to="/">
          <Button>{say('to_overview')}</Button>
        </Link>
      }
    />
  );
}

/**
 * Who is signed in. A session that turns out to have ended leaves her page, and what she typed on it, where they are: she signs in again over it.
 */
function useHeldSession(session: UseQueryResult<SessionState, ApiProblem>): SignedIn | undefined {
  const [held, setHeld] = useState<SignedIn>();
  const fresh = session.data?.state === 'signed_in' ? session.data : undefined;
  if (fresh !== undefined && fresh !== held) setHeld(fresh);
  const hasEnded = held !== undefined && session.data !== undefined && fresh === undefined;
  const { refetch } = session;
  useEffect(() => {
    // Who gives up is led to the door.
    if (hasEnded)
      signedInAgain().then(
        () => refetch(),
        () => undefined,
      );
  }, [hasEnded, refetch]);
  return fresh ?? held;
}

function Console() {
  const session = useApi('GET /session');
  const signedIn = useHeldSession(session);
  if (session.data === undefined)
    return (
      <div className="boot">
        {session.isError ? <Failed error={session.error} retry={() => void session.refetch()} /> : <Loading />}
      </div>
    );
  if (signedIn === undefined)
    return session.data.state === 'signed_in' ? null : (
      <Suspense fallback={<div className="boot" />}>
        <Door session={session.data} />
      </Suspense>
    );
  return (
    <SessionProvider session={signedIn}>
      <Shell>
        <Routes>
          {PAGES.map((page) => (
            <Route
              key={page.name}
              path={page.name === 'overview' ? '/' : `${pathOf(page.name)}/*`}
              element={
                <Boundary key={page.name}>
                  <Permitted page={page} />
                </Boundary>
              }
            />
          ))}
          {DOOR_PATHS.map((path) => (
            <Route key={path} path={path} element={<Navigate to="/" replace />} />
          ))}
          <Route path="*" element={<Missing />} />
        </Routes>
      </Shell>
      <SessionWatch />
    </SessionProvider>
  );
}

function Themed() {
  const language = useLanguage();
  const { mode, isStill } = useTheme();
  const theme = useMemo(() => antdTheme(mode, isStill), [mode, isStill]);
  return (
    <ConfigProvider
      theme={theme}
      locale={language === 'zh' ? zhCN : enGB}
      {...(nonce === undefined ? {} : { csp: { nonce } })}
      // A space between two Chinese characters of a button is a habit of the library, not of the language.
      // The library's own sign of waiting leaves by a transition that an early answer interrupts: it stayed in the button's name.
      button={{ autoInsertSpace: false, loadingIcon: <LoadingOutlined aria-hidden /> }}
    >
      <AntApp>
        <BrowserRouter basename="/console">
          <Console />
        </BrowserRouter>
      </AntApp>
    </ConfigProvider>
  );
}

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <ThemeProvider>
        <Themed />
      </ThemeProvider>
    </QueryClientProvider>
  );
}
