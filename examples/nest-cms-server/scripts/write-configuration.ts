import { readFileSync, writeFileSync } from 'node:fs';
import { envExample, withVariablesTable } from '../src/config/describe-variables.js';

// pnpm run update:configuration
const readme = new URL('../README.md', import.meta.url);
writeFileSync(new URL('../.env.example', import.meta.url), envExample());
writeFileSync(readme, withVariablesTable(readFileSync(readme, 'utf8')));
