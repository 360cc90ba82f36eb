import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  noJitterGenerator,
} from 'cockatiel';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const down = () => Promise.reject(new Error('no answer'));

const breaker = circuitBreaker(handleAll, {
  halfOpenAfter: new ExponentialBackoff({ generator: noJitterGenerator, initialDelay: 100 }),
  breaker: new ConsecutiveBreaker(1),
});
await breaker.execute(down).catch(() => {});
await sleep(100);
await breaker.execute(down).catch(() => {}); // the trial fails
await sleep(100);
await breaker.execute(async () => 'back').catch(() => console.log('still refused'));
await sleep(100);
console.log(await breaker.execute(async () => 'back'), breaker.state === CircuitState.Closed);
// → still refused
// → back true
