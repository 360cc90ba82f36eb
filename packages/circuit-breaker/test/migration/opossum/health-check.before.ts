import CircuitBreaker from 'opossum';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let isWell = true;
const ping = async () => {
  if (!isWell) throw new Error('not well');
};

const breaker = new CircuitBreaker(async () => 'ok', { resetTimeout: 30_000 });
breaker.healthCheck(ping, 100);
await sleep(150);
console.log(breaker.opened);
isWell = false;
await sleep(100);
console.log(breaker.opened);
breaker.shutdown();
// → false
// → true
