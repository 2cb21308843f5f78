// How the console is built: into dist/console, served by the product itself under /console/. The nonce's place is filled per answer.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const API = process.env['REKINDLE_URL'] ?? 'http://127.0.0.1:8420';

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react()],
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
