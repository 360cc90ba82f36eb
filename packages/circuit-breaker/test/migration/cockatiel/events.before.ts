import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const breaker = circuitBreaker(handleAll, {
  halfOpenAfter: 100,
  breaker: new ConsecutiveBreaker(1),
});
breaker.onBreak(() => console.log('open'));
breaker.onHalfOpen(() => console.log('half-open'));
breaker.onReset(() => console.log('closed'));
await breaker.execute(() => Promise.reject(new Error('no answer'))).catch(() => {});
await sleep(100);
await breaker.execute(async () => 'back');
// → open
// → half-open
// → closed
