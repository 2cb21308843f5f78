// One line on the error stream while a file is read; nothing where nobody watches.
import type { Lang } from '../kernel/lang.ts';

export type Progress = { readonly show: (share: number) => void; readonly clear: () => void };

const BAR_CELLS = 28;

export function analyzeProgress(
  output: { readonly progress: (text: string) => void; readonly showsProgress: boolean },
  lang: Lang,
): Progress {
  if (!output.showsProgress) return { show: () => {}, clear: () => {} };
  const label = lang === 'zh' ? '正在读取' : 'Reading';
  let shown = '';
  return {
    show: (share) => {
      const full = Math.round(share * BAR_CELLS);
      const line = `${label} ${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} ${Math.round(share * 100)}%`;
      if (line !== shown) output.progress(`\r${line}`);
      shown = line;
    },
    clear: () => output.progress('\r\u001B[2K'),
  };
}
