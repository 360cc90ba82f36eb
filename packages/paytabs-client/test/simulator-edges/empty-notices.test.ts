import { expect, it } from 'vitest';
import { ask, direct, refOf, startGateway } from '../simulator-wire.js';

it('a notice without a body is not changed, and it says so', async () => {
  const simulator = await startGateway({ allowLocalCallback: false });
  const callback = 'http://shop.example.invalid/callback';
  const tranRef = refOf(await ask(simulator, direct({ callback })));
  await simulator.idle();
  await expect(simulator.deliver(tranRef, { mutate: 'tampered' })).rejects.toThrow(
    'has no body to change',
  );
});
