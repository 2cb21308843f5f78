// Light, dark or like the system: chosen by the person, remembered in her browser.
import { createContext, use, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import { PALETTES, type Palette } from './theme.ts';

export type ThemeChoice = 'light' | 'dark' | 'system';
type Mode = 'light' | 'dark';
type Theme = {
  readonly choice: ThemeChoice;
  readonly mode: Mode;
  readonly palette: Palette;
  readonly choose: (choice: ThemeChoice) => void;
};

const STORED = 'rekindle.theme';
const ThemeContext = createContext<Theme | undefined>(undefined);
const darkSystem = window.matchMedia('(prefers-color-scheme: dark)');

function storedChoice(): ThemeChoice {
  const stored = localStorage.getItem(STORED);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function ThemeProvider({ children }: { readonly children: ReactNode }) {
  const [choice, setChoice] = useState(storedChoice);
  const systemIsDark = useSyncExternalStore(
    (listener) => {
      darkSystem.addEventListener('change', listener);
      return () => darkSystem.removeEventListener('change', listener);
    },
    () => darkSystem.matches,
  );
  const mode: Mode = choice === 'system' ? (systemIsDark ? 'dark' : 'light') : choice;
  useEffect(() => {
    document.documentElement.dataset['theme'] = mode;
  }, [mode]);
  const theme = useMemo<Theme>(
    () => ({
      choice,
      mode,
      palette: PALETTES[mode],
      choose: (next) => {
        localStorage.setItem(STORED, next);
        setChoice(next);
      },
    }),
    [choice, mode],
  );
  return <ThemeContext value={theme}>{children}</ThemeContext>;
}

export function useTheme(): Theme {
  const theme = use(ThemeContext);
  if (theme === undefined) throw new Error('useTheme outside of ThemeProvider');
  return theme;
}
