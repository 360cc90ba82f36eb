import { vi } from 'vitest';

/** Every published case on the platform of the web build. */
vi.mock('../../src/platform/index.js', async () => (await import('./web-platform.js')).webPlatform);

await import('../vectors.test.js');
