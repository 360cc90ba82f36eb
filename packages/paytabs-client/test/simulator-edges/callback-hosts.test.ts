import { describe, expect, it } from 'vitest';
import { call, sale, startGateway } from '../simulator-wire.js';

describe('a callback', () => {
  it.each([
    'https://169.254.1.1/callback',
    'https://100.64.0.1/callback',
    'https://0.1.2.3/callback',
    'https://shop.localhost/callback',
    'https://localhost./callback',
    'https://shop/callback',
  ])('to %s is refused, for no gateway reaches it', async (callback) => {
    const simulator = await startGateway({ allowLocalCallback: false });
    const { status, reply } = await call(simulator, 'request', { send: sale({ callback }) });
    expect([status, reply]).toMatchObject([400, { code: 2 }]);
  });

  it.each(['https://shop.example.com/callback', 'https://8.8.8.8/callback'])(
    'to %s is taken',
    async (callback) => {
      const simulator = await startGateway({ allowLocalCallback: false });
      expect((await call(simulator, 'request', { send: sale({ callback }) })).status).toBe(200);
    },
  );
});
