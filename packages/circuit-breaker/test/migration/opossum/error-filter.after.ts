import { CircuitBreaker, defaultClassify } from '@nestcms/circuit-breaker';

class NotFound extends Error {
  readonly status = 404;
}

const breaker = new CircuitBreaker({
  name: 'api',
  classify: (settled) =>
    settled.status === 'rejected' && settled.error instanceof NotFound
      ? 'success' // it answered; say 'ignored' for what tells nothing about it
      : defaultClassify(settled),
});
await breaker
  .execute(async (): Promise<string> => {
    throw new NotFound('no such page');
  })
  .catch((error: Error) => console.log(error.message));
console.log(breaker.stats().window.failures, breaker.state === 'closed');
// → no such page
// → 0 true
