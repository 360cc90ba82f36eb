import CircuitBreaker from 'opossum';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const breaker = new CircuitBreaker(async () => 'ok', {
  rollingCountTimeout: 1000,
  rollingCountBuckets: 10,
});
breaker.status.on('snapshot', ({ successes }) => console.log(successes));
await breaker.fire();
await sleep(250);
breaker.shutdown();
// → 1
// → 1
