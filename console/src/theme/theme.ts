// The look of the console as data: warm paper, deep ink, one accent (ember). Light and dark are the same names with other values; the
// component library and the charts read them from here, the style sheets from the same names as custom properties.
import { theme as antd, type ThemeConfig } from 'antd';

export type Palette = {
  readonly paper: string;
  readonly surface: string;
  readonly raised: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly accent: string;
  readonly accentInk: string;
  readonly accentSoft: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
  readonly series: readonly string[];
};

export const PALETTES: Readonly<Record<'light' | 'dark', Palette>> = {
  light: {
    paper: '#f8f5f0',
    surface: '#fffdfa',
    raised: '#ffffff',
    ink: '#26201a',
    muted: '#695f54',
    line: '#e7dfd4',
    accent: '#b8400f',
    accentInk: '#ffffff',
    accentSoft: '#fbeade',
    good: '#2f6b3f',
    warn: '#8a5a00',
    bad: '#b3261e',
    series: ['#c8481a', '#2f6f7e', '#b98a2d', '#6d5a8a', '#5b7f4b', '#8f4a5c', '#8b7f72'],
  },
  dark: {
    paper: '#161311',
    surface: '#1e1a17',
    raised: '#262019',
    ink: '#f1eae1',
    muted: '#b1a598',
    line: '#372f28',
    accent: '#ff9a63',
    accentInk: '#22120a',
    accentSoft: '#3a2418',
    good: '#86c695',
    warn: '#e3b45c',
    bad: '#ff8f85',
    series: ['#ff9a63', '#6fb6c6', '#dcb866', '#ab98cf', '#98bd87', '#d08a9d', '#b1a598'],
  },
};

/** Latin first, then what each system has for Chinese: nothing is fetched. */
export const FONT =
  '"Inter", "Segoe UI Variable Text", "Segoe UI", -apple-system, BlinkMacSystemFont, "Helvetica Neue", Roboto, "PingFang SC", "HarmonyOS Sans SC", "MiSans", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';

/** Under the pointer: further from what it stands on, where the library would go nearer. */
export const HOVER = {
  light: { accent: '#a3380c', bad: '#9c1f18' },
  dark: { accent: '#ffb386', bad: '#ffa9a1' },
} as const;

/** What a notice stands on: pale in the light, deep in the dark, so that text and links are read on it. */
export const NOTICE = {
  light: { good: '#e9f3ea', warn: '#fbf1dc', bad: '#fcebe9' },
  dark: { good: '#1c2a20', warn: '#31270f', bad: '#3a1d1a' },
} as const;

export function antdTheme(mode: 'light' | 'dark', isStill: boolean): ThemeConfig {
  const palette = PALETTES[mode];
  return {
    algorithm: mode === 'dark' ? antd.darkAlgorithm : antd.defaultAlgorithm,
    token: {
      colorPrimary: palette.accent,
      colorPrimaryHover: HOVER[mode].accent,
      colorInfo: palette.accent,
      colorLink: palette.accent,
      colorLinkHover: palette.accent,
      colorSuccess: palette.good,
      colorWarning: palette.warn,
      colorError: palette.bad,
      colorSuccessBg: NOTICE[mode].good,
      colorWarningBg: NOTICE[mode].warn,
      colorErrorBg: NOTICE[mode].bad,
      colorErrorHover: HOVER[mode].bad,
      colorBgBase: palette.surface,
      colorBgLayout: palette.paper,
      colorBgContainer: palette.surface,
      colorBgElevated: palette.raised,
      colorTextBase: palette.ink,
      colorText: palette.ink,
      colorTextSecondary: palette.muted,
      colorTextTertiary: palette.muted,
      colorTextDescription: palette.muted,
      colorTextPlaceholder: palette.muted,
      colorBorder: palette.line,
      colorBorderSecondary: palette.line,
      colorSplit: palette.line,
      colorTextLightSolid: palette.accentInk,
      fontFamily: FONT,
      fontSize: 15,
      borderRadius: 8,
      controlHeight: 38,
      wireframe: false,
      motion: !isStill,
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', fontWeight: 550, primaryColor: palette.accentInk },
      Table: { headerBg: 'transparent', headerColor: palette.muted, headerSplitColor: 'transparent' },
      Tooltip: { colorBgSpotlight: palette.ink, colorTextLightSolid: palette.paper },
    },
  };
}
