import { CircuitBreaker } from '@nestcms/circuit-breaker';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const breaker = new CircuitBreaker({
  name: 'answers',
  window: { kind: 'consecutive' },
  consecutiveFailures: 1,
  openForMs: 100,
  halfOpen: { trials: 2 }, // successRate: 0.5 would close at the first, for the rest cannot change it
});
await breaker.execute(() => Promise.reject(new Error('no answer'))).catch(() => {});
await sleep(100);
await breaker.execute(async () => 'back');
console.log(breaker.state === 'closed');
await breaker.execute(async () => 'back');
console.log(breaker.state === 'closed');
// → false
// → true
