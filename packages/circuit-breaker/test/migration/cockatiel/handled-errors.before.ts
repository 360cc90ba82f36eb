import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleType } from 'cockatiel';

class NetworkError extends Error {}

const breaker = circuitBreaker(handleType(NetworkError), {
  halfOpenAfter: 10_000,
  breaker: new ConsecutiveBreaker(1),
});
for (const error of [new TypeError('a mistake'), new NetworkError('no answer')]) {
  await breaker.execute(() => Promise.reject(error)).catch(() => {});
  console.log(breaker.state === CircuitState.Open);
}
// → false
// → true
