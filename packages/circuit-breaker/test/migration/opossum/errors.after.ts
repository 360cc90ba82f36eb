import { CircuitBreaker, isCircuitBreakerError } from '@nestcms/circuit-breaker';

const down = async () => {
  throw new Error('no answer');
};

const breaker = new CircuitBreaker({ name: 'down', minimumCalls: 2 });
for (let call = 1; call <= 3; call += 1) {
  await breaker.execute(down).catch((error: unknown) => {
    const isRefused = isCircuitBreakerError(error, 'BREAKER_OPEN'); // has retryAfterMs too
    console.log(isRefused ? 'refused' : 'failed');
  });
}
// → failed
// → failed
// → refused
