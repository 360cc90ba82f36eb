import { CircuitBreaker } from '@nestcms/circuit-breaker';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const down = async () => {
  throw new Error('no answer');
};

const breaker = new CircuitBreaker({
  name: 'down',
  window: { kind: 'time', durationMs: 1000, buckets: 10 },
  minimumCalls: 3,
});
for (const pauseMs of [0, 1100]) {
  await sleep(pauseMs);
  await breaker.execute(down).catch(() => {});
  await breaker.execute(down).catch(() => {});
  console.log(breaker.stats().window.failures, breaker.state === 'open');
}
// → 2 false
// → 2 false
