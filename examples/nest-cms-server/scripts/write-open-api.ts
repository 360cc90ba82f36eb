import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { offlineOpenApi } from '../test/support/offline-open-api.js';

// pnpm run update:openapi
writeFileSync(
  new URL('../openapi.json', import.meta.url),
  `${JSON.stringify(await offlineOpenApi(), null, 2)}\n`,
);
