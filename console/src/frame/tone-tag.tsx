// A word that says how something stands. Its colours are the palette's, which are legible on what they stand on (`theme.test.ts`); the component
// library's own greens and golds are not.
import type { ReactNode } from 'react';
import './page-frame.css';

type ToneTagProps = { readonly tone: 'good' | 'warn' | 'bad'; readonly children: ReactNode };

export function ToneTag({ tone, children }: ToneTagProps) {
  return <span className={`tone-tag tone-${tone}`}>{children}</span>;
}
