import { CircuitBreaker, isCircuitBreakerError } from '@nestcms/circuit-breaker';

const down = async () => {
  throw new Error('no answer');
};

const breaker = new CircuitBreaker({
  name: 'down',
  window: { kind: 'consecutive' },
  consecutiveFailures: 2,
  openForMs: 10_000,
});
for (let call = 1; call <= 3; call += 1) {
  await breaker.execute(down).catch((error: unknown) => {
    console.log(isCircuitBreakerError(error, 'BREAKER_OPEN') ? 'refused' : 'failed');
  });
}
// → failed
// → failed
// → refused
