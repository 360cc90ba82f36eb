import { CircuitBreaker, exportState, importState } from '@nestcms/circuit-breaker';

const before = new CircuitBreaker({ name: 'load' });
before.trip();
const kept = JSON.stringify(exportState(before));

const after = new CircuitBreaker({ name: 'load' });
importState(after, JSON.parse(kept));
console.log(after.state === 'open'); // → true
