import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';

const isDown = (answer: unknown) => (answer as { status: number }).status >= 500;
const breaker = circuitBreaker(handleWhenResult(isDown), {
  halfOpenAfter: 10_000,
  breaker: new ConsecutiveBreaker(1),
});
for (const status of [200, 503]) {
  await breaker.execute(async () => ({ status }));
  console.log(breaker.state === CircuitState.Open);
}
// → false
// → true
