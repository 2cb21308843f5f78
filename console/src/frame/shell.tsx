// The frame around every page: navigation, header, the page, and what stays while the page changes.
import { Drawer } from 'antd';
import { Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import { useShared } from '../words/language.ts';
import { Header } from './header.tsx';
import { Navigation } from './navigation.tsx';
import { Loading } from './states.tsx';
import { Wordmark } from './wordmark.tsx';
import './shell.css';

export function Shell({ children }: { readonly children: ReactNode }) {
  const say = useShared();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const section = pathname.split('/')[1];
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [section]);
  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {say('skip_to_content')}
      </a>
      <aside className="side">
        <Wordmark />
        <Navigation onChosen={() => undefined} />
      </aside>
      <Drawer
        open={isMenuOpen}
        onClose={() => setMenuOpen(false)}
        placement="left"
        size={268}
        title={<Wordmark />}
        closable={{ 'aria-label': say('close') }}
        className="side-drawer"
      >
        <Navigation onChosen={() => setMenuOpen(false)} />
      </Drawer>
      <div className="body">
        <Header onMenu={() => setMenuOpen(true)} />
        <main id="main" ref={main} tabIndex={-1}>
          <Suspense
            fallback={
              <div className="page">
                <Loading rows={8} />
              </div>
            }
          >
            {children}
          </Suspense>
        </main>
      </div>
    </div>
  );
}
