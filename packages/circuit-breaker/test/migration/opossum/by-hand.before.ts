import CircuitBreaker from 'opossum';

const breaker = new CircuitBreaker(async () => 'ok');
breaker.open(); // half-open after resetTimeout all the same
await breaker.fire().catch(() => console.log('refused'));
breaker.close();
console.log(await breaker.fire());
// → refused
// → ok
