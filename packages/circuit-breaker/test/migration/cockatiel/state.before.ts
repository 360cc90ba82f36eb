import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';

const make = (initialState?: unknown) =>
  circuitBreaker(handleAll, {
    halfOpenAfter: 10_000,
    breaker: new ConsecutiveBreaker(1),
    initialState,
  });

const before = make();
await before.execute(() => Promise.reject(new Error('no answer'))).catch(() => {});
const kept = JSON.stringify(before.toJSON());

const after = make(JSON.parse(kept));
console.log(after.state === CircuitState.Open); // → true
