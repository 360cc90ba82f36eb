import { CircuitBreaker, pipeline, timeout } from '@nestcms/circuit-breaker';

const request = (signal: AbortSignal) =>
  new Promise<string>((_, reject) => {
    signal.addEventListener('abort', () => {
      console.log('request ended');
      reject(signal.reason);
    });
  });

const breaker = new CircuitBreaker({ name: 'request' });
const guarded = pipeline([breaker, timeout({ timeoutMs: 50 })]);
await guarded // each call has a signal of its own, made when it is read
  .execute(({ signal }) => request(signal))
  .catch(() => console.log('took too long'));
// → request ended
// → took too long
