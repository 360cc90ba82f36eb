import { expect, it } from 'vitest';
import { ask, direct, endOf, followUp, refOf, startGateway } from '../simulator-wire.js';

it('a void that is refused was not carried out as a release', async () => {
  const simulator = await startGateway();
  const tran_ref = refOf(await ask(simulator, direct()));
  const reply = await followUp(simulator, { tran_type: 'void', tran_ref, amount: 1 });
  expect(endOf(reply)).toBe('E/118');
  expect(reply.tran_type).toBe('Void');
});
