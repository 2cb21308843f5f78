// How the console is built: into dist/console, served by the product itself under /console/. The nonce's place is filled per answer.
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const API = process.env['REKINDLE_URL'] ?? 'http://127.0.0.1:8420';

const NONCE = `{ csp: { nonce: document.querySelector('meta[property="csp-nonce"]')?.nonce } }`;
/** The component library writes two styles without a nonce, which the policy of the page refuses: to measure scroll bars, and to keep the page still behind a dialog. */
const WITHOUT_NONCE = [
  { file: 'getScrollBarSize.js', before: 'randomId', after: ');\n    } catch' },
  { file: 'useScrollLocker.js', before: '}`, id', after: ');' },
] as const;
const ownStylesWithNonce: Plugin = {
  name: 'own-styles-with-nonce',
  transform: {
    filter: { id: /@rc-component\/(?:util\/es\/getScrollBarSize|portal\/es\/useScrollLocker)\.js$/ },
    handler: (code, id) => {
      const { file, before, after } = WITHOUT_NONCE.find((each) => id.endsWith(each.file))!;
      if (!code.includes(before + after)) throw new Error(`${file} has changed: look whether it carries a nonce now`);
      return { code: code.replace(before + after, `${before}, ${NONCE}${after}`), map: null };
    },
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react(), ownStylesWithNonce],
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    sourcemap: false,
    target: 'es2023',
    // A module that is inlined as a data: address would be refused by the content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_200,
  },
  server: { proxy: { '/api': API, '/v1': API, '/mailbox': API } },
});
