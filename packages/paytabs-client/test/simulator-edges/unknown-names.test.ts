import { expect, it } from 'vitest';
import { call, direct, startGateway } from '../simulator-wire.js';

it.each([
  ['tran_type', 'constructor'],
  ['tran_type', '__proto__'],
  ['tran_class', 'constructor'],
  ['tran_class', '__proto__'],
])('a %s of "%s" is as unknown as any other', async (field, name) => {
  const simulator = await startGateway();
  const { status, reply } = await call(simulator, 'request', { send: direct({ [field]: name }) });
  expect(status).toBe(400);
  expect(reply).toMatchObject({ code: 2, message: expect.stringContaining(field) });
  expect(simulator.ledger()).toEqual([]);
});
