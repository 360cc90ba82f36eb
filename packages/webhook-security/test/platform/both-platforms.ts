import * as node from '../../src/platform/index.js';
import type { Platform } from '../../src/platform/platform.js';
import * as web from '../../src/platform/web/index.js';

/** Both platforms side by side. That they have the same shape, the compiler sees here. */
export const onNode: Platform = node;
export const onWeb: Platform = web;

export const bothPlatforms = [
  ['Node', onNode],
  ['the web', onWeb],
] as const;
