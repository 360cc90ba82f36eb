import { isCircuitBreakerError, retry, safe } from '@nestcms/circuit-breaker';

const request = (signal: AbortSignal) =>
  new Promise<string>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

const controller = new AbortController();
setTimeout(() => controller.abort(), 20);
await retry() // ends at once, heeded or not, also while it waits between attempts
  .execute(
    safe(({ signal }) => request(signal)),
    { signal: controller.signal },
  )
  .catch((error: unknown) => console.log(isCircuitBreakerError(error, 'ABORTED')));
// → true
