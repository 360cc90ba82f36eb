import { CircuitBreaker } from '@nestcms/circuit-breaker';

const divide = async (one: number, other: number) => {
  if (other === 0) throw new Error('by zero');
  return one / other;
};

const breaker = new CircuitBreaker({ name: 'divide', latency: true }); // for durationMs
breaker.events.on('succeeded', () => console.log('succeeded'));
breaker.events.on('failed', ({ error }) => console.log('failed:', (error as Error).message));
const guarded = breaker.wrap(divide);
await guarded(6, 3);
await guarded(6, 0).catch(() => {});
// → succeeded
// → failed: by zero
