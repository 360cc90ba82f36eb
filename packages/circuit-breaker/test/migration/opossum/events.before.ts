import CircuitBreaker from 'opossum';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const breaker = new CircuitBreaker(async () => 'back', { resetTimeout: 100 });
breaker.on('open', () => console.log('open'));
breaker.on('reject', () => console.log('refused'));
breaker.on('halfOpen', () => console.log('half-open'));
breaker.on('close', () => console.log('closed'));
breaker.open();
await breaker.fire().catch(() => {});
await sleep(100);
await breaker.fire();
// → open
// → refused
// → half-open
// → closed
