import CircuitBreaker from 'opossum';

class NotFound extends Error {
  readonly status = 404;
}

const breaker = new CircuitBreaker(
  async (): Promise<string> => {
    throw new NotFound('no such page');
  },
  { errorFilter: (error: NotFound) => error.status < 500 },
);
await breaker.fire().catch((error: Error) => console.log(error.message));
console.log(breaker.stats.failures, breaker.closed);
// → no such page
// → 0 true
