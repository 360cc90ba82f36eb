import { CircuitBreaker } from '@nestcms/circuit-breaker';

class NetworkError extends Error {}

const breaker = new CircuitBreaker({
  name: 'network',
  window: { kind: 'consecutive' },
  consecutiveFailures: 1,
  classify: (settled) => {
    if (settled.status === 'fulfilled') return 'success';
    return settled.error instanceof NetworkError ? 'failure' : 'ignored';
  },
});
for (const error of [new TypeError('a mistake'), new NetworkError('no answer')]) {
  await breaker.execute(() => Promise.reject(error)).catch(() => {});
  console.log(breaker.state === 'open');
}
// → false
// → true
