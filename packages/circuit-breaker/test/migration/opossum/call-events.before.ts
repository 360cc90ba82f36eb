import CircuitBreaker from 'opossum';

const divide = async (one: number, other: number) => {
  if (other === 0) throw new Error('by zero');
  return one / other;
};

const breaker = new CircuitBreaker(divide);
breaker.on('success', () => console.log('succeeded'));
breaker.on('failure', (error) => console.log('failed:', (error as Error).message));
await breaker.fire(6, 3);
await breaker.fire(6, 0).catch(() => {});
// → succeeded
// → failed: by zero
