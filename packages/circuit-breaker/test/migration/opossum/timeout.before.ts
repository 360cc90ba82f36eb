import CircuitBreaker from 'opossum';

const hangs = () => new Promise<string>(() => {});

const breaker = new CircuitBreaker(hangs, { timeout: 50 });
await breaker.fire().catch((error: Error & { code?: string }) => {
  console.log(error.code === 'ETIMEDOUT' ? 'took too long' : 'failed');
});
// → took too long
