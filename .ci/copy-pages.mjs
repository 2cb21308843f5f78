// Files of pages that are served as they stand lie beside the code that serves them, in `src` and in `dist`.
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
for (const file of ['shop.js', 'shop.css'])
  cpSync(join(root, 'src/demo/storefront', file), join(root, 'dist/demo/storefront', file));
