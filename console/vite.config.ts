// How the console is built: into dist/console, served by the product itself under /console/. The nonce's place is filled per answer.
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const API = process.env['REKINDLE_URL'] ?? 'http://127.0.0.1:8420';

const NONCE = `{ csp: { nonce: document.querySelector('meta[property="csp-nonce"]')?.nonce } }`;
/** Two styles of the component library are made without the page's nonce and would be refused: measuring scroll bars, and keeping the page
 * still behind a dialog. */
const STYLES = [
  {
    file: /@rc-component\/util\/es\/getScrollBarSize\.js$/,
    before: 'randomId);\n    } catch',
    after: `randomId, ${NONCE});\n    } catch`,
  },
  {
    file: /@rc-component\/portal\/es\/useScrollLocker\.js$/,
    before: '}`, id);',
    after: `}\`, id, ${NONCE});`,
  },
] as const;
const stylesWithNonce: Plugin = {
  name: 'styles-with-nonce',
  transform: {
    filter: { id: STYLES.map(({ file }) => file) },
    handler: (code, id) => {
      const style = STYLES.find(({ file }) => file.test(id));
      if (style === undefined) return null;
      if (!code.includes(style.before))
        throw new Error(`${id} has changed: look whether its style carries a nonce now`);
      return { code: code.replace(style.before, style.after), map: null };
    },
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react(), stylesWithNonce],
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
