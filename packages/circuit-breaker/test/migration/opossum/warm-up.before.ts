import CircuitBreaker from 'opossum';

const down = async () => {
  throw new Error('not yet');
};

const breaker = new CircuitBreaker(down, { allowWarmUp: true });
await breaker.fire().catch(() => {});
console.log(breaker.opened); // → false
