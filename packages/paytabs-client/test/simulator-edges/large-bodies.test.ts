import { describe, expect, it } from 'vitest';
import { call, sale, startGateway } from '../simulator-wire.js';

describe('a body beyond a million bytes', () => {
  const much = 'x'.repeat(2_000_000);

  it.each([
    ['payment/request', JSON.stringify(sale({ cart_description: much }))],
    ['payment/wr/ABC', `action=${much}`],
    ['_simulator/mode', JSON.stringify({ mode: much })],
  ])('is refused with an answer by %s', async (path, body) => {
    const simulator = await startGateway();
    const answer = await fetch(`${simulator.baseUrl}/${path}`, { method: 'POST', body });
    expect(answer.status).toBe(413);
    await answer.arrayBuffer();
    expect((await call(simulator, 'request', { send: sale() })).status).toBe(200);
  });
});
