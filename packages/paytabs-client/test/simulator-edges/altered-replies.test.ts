import { expect, it, onTestFinished } from 'vitest';
import { ask, sale, startGateway } from '../simulator-wire.js';

it.each(['__proto__.altered', 'constructor.prototype.altered'])(
  'a fault that sets %s alters nothing but the reply',
  async (path) => {
    onTestFinished(() => {
      Reflect.deleteProperty(Object.prototype, 'altered');
    });
    const simulator = await startGateway();
    simulator.faults.add({ kind: 'alter', set: { [path]: true } });
    await ask(simulator, sale());
    expect(({} as { altered?: boolean }).altered).toBeUndefined();
  },
);
