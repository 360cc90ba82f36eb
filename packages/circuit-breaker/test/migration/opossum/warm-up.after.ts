import { CircuitBreaker } from '@nestcms/circuit-breaker';

const down = async () => {
  throw new Error('not yet');
};

const breaker = new CircuitBreaker({ name: 'down' }); // opens at 10 calls or more, never at one
await breaker.execute(down).catch(() => {});
console.log(breaker.state === 'open'); // → false
