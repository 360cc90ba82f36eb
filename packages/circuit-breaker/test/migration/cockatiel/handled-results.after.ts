import { CircuitBreaker, defaultClassify } from '@nestcms/circuit-breaker';

const isDown = (answer: unknown) => (answer as { status: number }).status >= 500;
const breaker = new CircuitBreaker({
  name: 'api',
  window: { kind: 'consecutive' },
  consecutiveFailures: 1,
  classify: (settled) =>
    settled.status === 'fulfilled' && isDown(settled.value) ? 'failure' : defaultClassify(settled),
});
for (const status of [200, 503]) {
  await breaker.execute(async () => ({ status }));
  console.log(breaker.state === 'open');
}
// → false
// → true
