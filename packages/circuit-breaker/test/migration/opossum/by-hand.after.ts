import { CircuitBreaker } from '@nestcms/circuit-breaker';

const breaker = new CircuitBreaker({ name: 'ok' });
breaker.holdOpen({ reason: 'maintenance' }); // until it is released; trip() is for a time
await breaker.execute(async () => 'ok').catch(() => console.log('refused'));
breaker.reset();
console.log(await breaker.execute(async () => 'ok'));
// → refused
// → ok
