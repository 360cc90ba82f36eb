import { CircuitBreaker } from '@nestcms/circuit-breaker';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const down = () => Promise.reject(new Error('no answer'));

const breaker = new CircuitBreaker({
  name: 'answers',
  window: { kind: 'consecutive' },
  consecutiveFailures: 1,
  openForMs: { kind: 'exponential', initialMs: 100, jitter: 'none' },
  halfOpen: { trials: 1 },
});
await breaker.execute(down).catch(() => {});
await sleep(100);
await breaker.execute(down).catch(() => {}); // the trial fails
await sleep(100);
await breaker.execute(async () => 'back').catch(() => console.log('still refused'));
await sleep(100);
console.log(await breaker.execute(async () => 'back'), breaker.state === 'closed');
// → still refused
// → back true
