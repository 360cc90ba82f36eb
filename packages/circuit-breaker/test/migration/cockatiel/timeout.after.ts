import { isCircuitBreakerError, timeout } from '@nestcms/circuit-breaker';

const hangs = () => new Promise<string>(() => {});

const policy = timeout({ timeoutMs: 50 });
await policy
  .execute(hangs)
  .catch((error: unknown) => console.log(isCircuitBreakerError(error, 'TIMEOUT')));
// → true
