import { CircuitBreaker, isCircuitBreakerError } from '@nestcms/circuit-breaker';

const breaker = new CircuitBreaker({ name: 'ok' }); // or: using breaker = …
breaker.shutDown();
await breaker
  .execute(async () => 'ok')
  .catch((error: unknown) => {
    console.log(isCircuitBreakerError(error, 'BREAKER_SHUT_DOWN'), breaker.isShutDown);
  });
// → true true
