import { CircuitBreaker } from '@nestcms/circuit-breaker';

const call = async (works: boolean) => {
  if (!works) throw new Error('no answer');
};

const breaker = new CircuitBreaker({
  name: 'call',
  window: { kind: 'count', size: 10 },
  failureRate: 0.4, // opens at it, not only above it
  minimumCalls: 4,
  openForMs: 10_000,
});
for (const works of [true, false, true, false]) {
  await breaker.execute(() => call(works)).catch(() => {});
  console.log(breaker.state === 'open');
}
// → false
// → false
// → false
// → true
