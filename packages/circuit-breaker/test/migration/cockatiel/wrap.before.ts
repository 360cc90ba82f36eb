import {
  ConsecutiveBreaker,
  circuitBreaker,
  fallback,
  handleAll,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';

const policy = wrap(
  fallback(handleAll, 'unknown'),
  retry(handleAll, { maxAttempts: 2 }),
  circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }),
  timeout(1000, TimeoutStrategy.Aggressive),
);
console.log(
  await policy.execute(async ({ attempt }) => {
    if (attempt === 0) throw new Error('busy');
    return 'answered';
  }),
);
// → answered
