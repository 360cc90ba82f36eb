import { CircuitBreaker, exportState, importState } from '@nestcms/circuit-breaker';

const make = () =>
  new CircuitBreaker({ name: 'x', window: { kind: 'consecutive' }, consecutiveFailures: 1 });

const before = make();
await before.execute(() => Promise.reject(new Error('no answer'))).catch(() => {});
const kept = JSON.stringify(exportState(before));

const after = make();
importState(after, JSON.parse(kept));
console.log(after.state === 'open'); // → true
