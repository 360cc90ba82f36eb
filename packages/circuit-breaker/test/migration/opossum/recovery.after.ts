import { CircuitBreaker } from '@nestcms/circuit-breaker';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const breaker = new CircuitBreaker({
  name: 'answers',
  openForMs: 100, // or a backoff, so that it waits longer each time its trials fail
  halfOpen: { trials: 1 }, // the default is 3, all of which must succeed
});
breaker.trip();
await sleep(100);
console.log(breaker.state === 'halfOpen');
await breaker.execute(async () => 'back');
console.log(breaker.state === 'closed');
// → true
// → true
