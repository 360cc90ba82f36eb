import { CircuitState, CountBreaker, circuitBreaker, handleAll } from 'cockatiel';

const call = async (works: boolean) => {
  if (!works) throw new Error('no answer');
};

const breaker = circuitBreaker(handleAll, {
  halfOpenAfter: 10_000,
  breaker: new CountBreaker({ threshold: 0.4, size: 10, minimumNumberOfCalls: 4 }),
});
for (const works of [true, false, true, false]) {
  await breaker.execute(() => call(works)).catch(() => {});
  console.log(breaker.state === CircuitState.Open);
}
// → false
// → false
// → false
// → true
