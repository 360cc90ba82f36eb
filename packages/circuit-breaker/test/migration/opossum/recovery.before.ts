import CircuitBreaker from 'opossum';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const breaker = new CircuitBreaker(async () => 'back', { resetTimeout: 100 });
breaker.open();
await sleep(100);
console.log(breaker.halfOpen);
await breaker.fire();
console.log(breaker.closed);
// → true
// → true
