import CircuitBreaker from 'opossum';

const breaker = new CircuitBreaker(async () => 'ok');
breaker.shutdown();
await breaker.fire().catch((error: Error & { code?: string }) => {
  console.log(error.code === 'ESHUTDOWN', breaker.isShutdown);
});
// → true true
