import { ConsecutiveBreaker, circuitBreaker, handleAll, IsolatedCircuitError } from 'cockatiel';

const breaker = circuitBreaker(handleAll, {
  halfOpenAfter: 10_000,
  breaker: new ConsecutiveBreaker(5),
});
const handle = breaker.isolate();
await breaker
  .execute(async () => 'ok')
  .catch((error: unknown) => console.log(error instanceof IsolatedCircuitError));
handle.dispose();
console.log(await breaker.execute(async () => 'ok'));
// → true
// → ok
