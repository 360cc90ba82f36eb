import { CircuitBreaker, fallback, pipeline, retry, safe, timeout } from '@nestcms/circuit-breaker';

const policy = pipeline([
  fallback(() => 'unknown'),
  retry({ maxAttempts: 3 }),
  new CircuitBreaker({ name: 'x', window: { kind: 'consecutive' }, openForMs: 10_000 }),
  timeout({ timeoutMs: 1000 }),
]);
console.log(
  await policy.execute(
    safe(async ({ attempt }) => {
      if (attempt === 1) throw new Error('busy');
      return 'answered';
    }),
  ),
);
// → answered
