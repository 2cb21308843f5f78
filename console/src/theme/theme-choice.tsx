// Light, dark or like the system: chosen by the person, remembered in her browser. Whether things may move is the system's to say.
import { createContext, use, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import { PALETTES, type Palette } from './theme.ts';

export type ThemeChoice = 'light' | 'dark' | 'system';
type Mode = 'light' | 'dark';
type Theme = {
  readonly choice: ThemeChoice;
  readonly mode: Mode;
  readonly palette: Palette;
  /** Nothing slides, fades or grows: her system asks for less motion. */
  readonly isStill: boolean;
  readonly choose: (choice: ThemeChoice) => void;
};

const STORED = 'rekindle.theme';
const ThemeContext = createContext<Theme | undefined>(undefined);
const darkSystem = window.matchMedia('(prefers-color-scheme: dark)');
const stillSystem = window.matchMedia('(prefers-reduced-motion: reduce)');

function useMatches(query: MediaQueryList): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => query.matches,
  );
}

function storedChoice(): ThemeChoice {
  const stored = localStorage.getItem(STORED);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function ThemeProvider({ children }: { readonly children: ReactNode }) {
  const [choice, setChoice] = useState(storedChoice);
  const systemIsDark = useMatches(darkSystem);
  const isStill = useMatches(stillSystem);
  const mode: Mode = choice === 'system' ? (systemIsDark ? 'dark' : 'light') : choice;
  useEffect(() => {
    document.documentElement.dataset['theme'] = mode;
  }, [mode]);
  const theme = useMemo<Theme>(
    () => ({
      choice,
      mode,
      palette: PALETTES[mode],
      isStill,
      choose: (next) => {
        localStorage.setItem(STORED, next);
        setChoice(next);
      },
    }),
    [choice, mode, isStill],
  );
  return <ThemeContext value={theme}>{children}</ThemeContext>;
}

export function useTheme(): Theme {
  const theme = use(ThemeContext);
  if (theme === undefined) throw new Error('useTheme outside of ThemeProvider');
  return theme;
}
