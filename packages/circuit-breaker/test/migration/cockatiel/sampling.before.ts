import { CircuitState, circuitBreaker, handleAll, SamplingBreaker } from 'cockatiel';

const down = async () => {
  throw new Error('no answer');
};

const breaker = circuitBreaker(handleAll, {
  halfOpenAfter: 10_000,
  breaker: new SamplingBreaker({ threshold: 0.2, duration: 2000, minimumRps: 2 }),
});
for (let second = 1; second <= 5; second += 1) {
  await breaker.execute(down).catch(() => {});
}
console.log(breaker.state === CircuitState.Open); // → true
