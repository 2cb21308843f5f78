// How far is it? One line that is drawn over itself on a terminal; nothing at all elsewhere.
import { padded, shortened, widthOf } from './table.ts';

const BAR = 24;

/** One line of at most `width` cells: `reading  ████████░░░░  42%  orders.csv`. `share` in [0, 1]. Pure. */
export function progressLine(label: string, share: number, note: string, width: number): string {
  const whole = Math.min(1, Math.max(0, share));
  const filled = Math.round(whole * BAR);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  const head = `${label}  ${bar}  ${padded(`${Math.floor(whole * 100)}%`, 4, 'right')}`;
  const room = width - widthOf(head) - 2;
  return room > 3 && note !== '' ? `${head}  ${shortened(note, room)}` : shortened(head, width);
}

export type Progress = {
  readonly show: (label: string, share: number, note?: string) => void;
  /** Wipes the line, so that what is printed next starts clean. */
  readonly done: () => void;
};

const REDRAW_MS = 50;

export function progressOn(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { show: () => undefined, done: () => undefined };
  let drawnAtMs = -Infinity;
  return {
    show: (label, share, note = '') => {
      const nowMs = performance.now();
      if (nowMs - drawnAtMs < REDRAW_MS && share < 1) return;
      drawnAtMs = nowMs;
      stream.write(`\r\u001b[2K${progressLine(label, share, note, stream.columns - 1)}`);
    },
    done: () => {
      stream.write('\r\u001b[2K');
    },
  };
}
