import { CircuitBreaker } from '@nestcms/circuit-breaker';

const down = async () => {
  throw new Error('no answer');
};

const breaker = new CircuitBreaker({
  name: 'down',
  window: { kind: 'time', durationMs: 2000 },
  failureRate: 0.2,
  minimumCalls: 4, // of the window, not of a second
  openForMs: 10_000,
});
for (let second = 1; second <= 5; second += 1) {
  await breaker.execute(down).catch(() => {});
}
console.log(breaker.state === 'open'); // → true
