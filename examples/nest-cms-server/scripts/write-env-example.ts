import { writeFileSync } from 'node:fs';
import { envExample } from '../src/config/env-example.js';

// pnpm run update:env
writeFileSync(new URL('../.env.example', import.meta.url), envExample());
