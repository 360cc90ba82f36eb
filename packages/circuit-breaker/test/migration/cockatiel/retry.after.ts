import { retry, safe } from '@nestcms/circuit-breaker';

const policy = retry({
  maxAttempts: 3, // in all
  backoff: { kind: 'exponential', initialMs: 100, jitter: 'none' },
});
policy.events.on('retried', ({ delayMs }) => console.log(`again in ${delayMs} ms`));
const answer = await policy.execute(
  safe(async ({ attempt }) => {
    if (attempt < 3) throw new Error('busy');
    return `answered at attempt ${attempt}`;
  }),
);
console.log(answer);
// → again in 100 ms
// → again in 200 ms
// → answered at attempt 3
