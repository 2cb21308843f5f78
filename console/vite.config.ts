// How the console is built: into dist/console, served by the product itself under /console/. The nonce's place is filled per answer.
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const API = process.env['REKINDLE_URL'] ?? 'http://127.0.0.1:8420';

const MEASURE = 'randomId);\n    } catch';
/** The component library measures scroll bars with a style that carries no nonce, its only one; the policy of the page refuses it. */
const measuredWithNonce: Plugin = {
  name: 'measured-with-nonce',
  transform: {
    filter: { id: /@rc-component\/util\/es\/getScrollBarSize\.js$/ },
    handler: (code) => {
      if (!code.includes(MEASURE)) throw new Error('getScrollBarSize has changed: look whether it carries a nonce now');
      const nonce = `document.querySelector('meta[property="csp-nonce"]')?.nonce`;
      return { code: code.replace(MEASURE, `randomId, { csp: { nonce: ${nonce} } });\n    } catch`), map: null };
    },
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react(), measuredWithNonce],
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
