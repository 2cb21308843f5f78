// The frame of every page a customer sees from a mail: one quiet card, both languages, light and dark, no script, nothing from elsewhere.
import type { Lang } from '../../kernel/lang.ts';
import { escapeHtml } from '../templates/links.ts';

const STYLE = `
:root{color-scheme:light dark;--ground:#faf7f4;--card:#fff;--ink:#2b2320;--soft:#6f625b;--line:#e6ddd6;--edge:#8f8078;--accent:#b3401f;--on-accent:#fff;--tint:#fdf1ec;--ring:#b3401f;--alert:#a3210f}
@media(prefers-color-scheme:dark){:root{--ground:#1d1917;--card:#2a2422;--ink:#f3ece7;--soft:#b9aaa1;--line:#453b37;--edge:#9a8a81;--accent:#f0896b;--on-accent:#2a120a;--tint:#3a2a24;--ring:#f6b39e;--alert:#ff9d86}}
*{box-sizing:border-box}
body{font:16px/1.6 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;background:var(--ground);color:var(--ink)}
main{width:calc(100% - 2rem);max-width:26rem;padding:2.5rem 2rem;margin:1rem;background:var(--card);border-radius:16px;box-shadow:0 1px 3px #0002,0 12px 32px -16px #0003;text-align:center}
main.wide{max-width:32rem;text-align:start}
p.brand{margin:0 0 1.25rem;font-size:.875rem;font-weight:600;letter-spacing:.04em;color:var(--soft);overflow-wrap:anywhere}
h1{font-size:1.4rem;line-height:1.35;margin:0 0 .5rem;text-wrap:balance}:lang(zh) h1{text-wrap:pretty;word-break:auto-phrase}p{margin:.5rem 0 1.5rem}
button{font:inherit;font-weight:600;color:var(--on-accent);background:var(--accent);border:0;border-radius:10px;min-height:3rem;padding:.75rem 2rem;cursor:pointer}
button:hover{filter:brightness(1.06)}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--ring);outline-offset:2px;border-radius:10px}
`;

export type Page = {
  readonly lang: Lang;
  readonly title: string;
  /** Whose page it is, told above everything else; absent where the body tells it. */
  readonly brand?: string;
  /** HTML that is already safe. */
  readonly body: string;
  /** More rules of this page's own, after the frame's. */
  readonly style?: string;
  readonly wide?: boolean;
};

/** A whole document; `title` and `brand` are escaped here, `body` and `style` are the caller's own. */
export const pageHtml = ({ lang, title, brand = '', body, style = '', wide = false }: Page): string => `<!doctype html>
<html lang="${lang === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark"><title>${escapeHtml([title, brand].filter(Boolean).join(' · '))}</title><style>${STYLE}${style}</style></head><body><main${wide ? ' class="wide"' : ''}>${brand === '' ? '' : `<p class="brand">${escapeHtml(brand)}</p>`}${body}</main></body></html>`;
