import { CircuitBreaker, isCircuitBreakerError, pipeline, timeout } from '@nestcms/circuit-breaker';

const hangs = () => new Promise<string>(() => {});

const breaker = new CircuitBreaker({ name: 'hangs' });
const guarded = pipeline([breaker, timeout({ timeoutMs: 50 })]);
await guarded.execute(hangs).catch((error: unknown) => {
  console.log(isCircuitBreakerError(error, 'TIMEOUT') ? 'took too long' : 'failed');
});
// → took too long
