import { startSimulator } from '@nestcms/paytabs-client/testing';
import { expect, it, onTestFinished } from 'vitest';

it('refuses an option of the simulator that it does not know, in place of ignoring it', async () => {
  const misspelt = { refund: 'approval' } as never;
  await expect(startSimulator(misspelt)).rejects.toThrow(/^refund: is unknown \(known: .*refunds/);
});

it('refuses a fault that it does not know', async () => {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.stop());
  expect(() => simulator.faults.add({ kind: 'explode' } as never)).toThrow(RangeError);
  expect(() => simulator.faults.add({ kind: 'slow' } as never)).toThrow(/delayMs/);
  expect(simulator.faults.list()).toEqual([]);
});
