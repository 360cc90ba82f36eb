import CircuitBreaker from 'opossum';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const down = async () => {
  throw new Error('no answer');
};

const breaker = new CircuitBreaker(down, {
  rollingCountTimeout: 1000,
  rollingCountBuckets: 10,
  volumeThreshold: 3,
});
for (const pauseMs of [0, 1100]) {
  await sleep(pauseMs);
  await breaker.fire().catch(() => {});
  await breaker.fire().catch(() => {});
  console.log(breaker.stats.failures, breaker.opened);
}
// → 2 false
// → 2 false
