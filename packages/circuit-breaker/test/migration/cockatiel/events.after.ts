import { CircuitBreaker } from '@nestcms/circuit-breaker';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const breaker = new CircuitBreaker({
  name: 'answers',
  window: { kind: 'consecutive' },
  consecutiveFailures: 1,
  openForMs: 100,
  halfOpen: { trials: 1 },
});
breaker.events.on('opened', () => console.log('open')); // with reason, retryAfterMs, calls, …
breaker.events.on('halfOpened', () => console.log('half-open'));
breaker.events.on('closed', () => console.log('closed'));
await breaker.execute(() => Promise.reject(new Error('no answer'))).catch(() => {});
await sleep(100);
await breaker.execute(async () => 'back');
// → open
// → half-open
// → closed
