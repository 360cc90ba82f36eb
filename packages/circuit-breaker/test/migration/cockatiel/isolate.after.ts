import { CircuitBreaker, isCircuitBreakerError } from '@nestcms/circuit-breaker';

const breaker = new CircuitBreaker({ name: 'ok' });
const hold = breaker.holdOpen({ reason: 'maintenance' });
await breaker
  .execute(async () => 'ok')
  .catch((error: unknown) =>
    console.log(isCircuitBreakerError(error, 'BREAKER_OPEN') && error.reason === 'heldOpen'),
  );
hold.release(); // half-open now: nobody knows yet whether the other side works
console.log(await breaker.execute(async () => 'ok'));
// → true
// → ok
