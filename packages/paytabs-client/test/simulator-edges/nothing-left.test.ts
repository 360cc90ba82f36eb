import { expect, it } from 'vitest';
import { ask, direct, moves, refOf, startGateway } from '../simulator-wire.js';

it.each([
  ['refund', { tran_type: 'sale' }],
  ['void', { tran_type: 'auth' }],
] as const)('a %s by hand of what has nothing left is refused', async (kind, more) => {
  const simulator = await startGateway();
  simulator.declineNext();
  const tranRef = refOf(await ask(simulator, direct(more)));
  expect(simulator.dashboard.act(kind, tranRef)).toMatchObject({
    status: 'E',
    responseCode: '118',
  });
  expect(moves(simulator)).toEqual([]);
});
