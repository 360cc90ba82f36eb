import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const breaker = circuitBreaker(handleAll, {
  halfOpenAfter: 100,
  breaker: new ConsecutiveBreaker(1),
  halfOpenSampling: { calls: 2, threshold: 0.5 },
});
await breaker.execute(() => Promise.reject(new Error('no answer'))).catch(() => {});
await sleep(100);
await breaker.execute(async () => 'back');
console.log(breaker.state === CircuitState.Closed);
await breaker.execute(async () => 'back');
console.log(breaker.state === CircuitState.Closed);
// → false
// → true
