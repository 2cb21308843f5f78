// Writes the operators of docs/segments.md from their table.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { withOperators } from './segments-page.ts';

const path = join(import.meta.dirname, '../../docs/segments.md');
writeFileSync(path, await format(withOperators(readFileSync(path, 'utf8')), { parser: 'markdown', printWidth: 140 }));
console.log('wrote the operators of docs/segments.md');
