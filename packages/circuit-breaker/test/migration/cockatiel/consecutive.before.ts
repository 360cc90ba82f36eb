import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';

const down = async () => {
  throw new Error('no answer');
};

const breaker = circuitBreaker(handleAll, {
  halfOpenAfter: 10_000,
  breaker: new ConsecutiveBreaker(2),
});
for (let call = 1; call <= 3; call += 1) {
  await breaker.execute(down).catch((error: unknown) => {
    console.log(error instanceof BrokenCircuitError ? 'refused' : 'failed');
  });
}
// → failed
// → failed
// → refused
