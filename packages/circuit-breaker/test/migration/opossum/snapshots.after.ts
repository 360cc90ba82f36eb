import { CircuitBreaker } from '@nestcms/circuit-breaker';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const breaker = new CircuitBreaker({ name: 'ok' });
const telling = setInterval(() => console.log(breaker.stats().totals.succeeded), 100);
await breaker.execute(async () => 'ok');
await sleep(250);
clearInterval(telling);
// → 1
// → 1
