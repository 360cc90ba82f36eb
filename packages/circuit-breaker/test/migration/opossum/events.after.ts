import { CircuitBreaker } from '@nestcms/circuit-breaker';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const breaker = new CircuitBreaker({ name: 'x', openForMs: 100, halfOpen: { trials: 1 } });
breaker.events.on('opened', () => console.log('open')); // with reason, retryAfterMs, calls, …
breaker.events.on('rejected', () => console.log('refused'));
breaker.events.on('halfOpened', () => console.log('half-open'));
breaker.events.on('closed', () => console.log('closed'));
breaker.trip();
await breaker.execute(async () => 'back').catch(() => {});
await sleep(100);
await breaker.execute(async () => 'back');
// → open
// → refused
// → half-open
// → closed
