import { vi } from 'vitest';

/** What the verifier does on Node, it does on the web: the same tests with the other platform. */
vi.mock('../../src/platform/index.js', async () => (await import('./web-platform.js')).webPlatform);

await import('../verifier.test.js');
await import('../replay.test.js');
await import('../secrets.test.js');
await import('../remote/remote-keys.test.js');
await import('../inbox/inbox.test.js');
await import('../adapters/fetch.test.js');
await import('../adapters/handshakes.test.js');
await import('../../src/scheme/presets/presets.test.js');
