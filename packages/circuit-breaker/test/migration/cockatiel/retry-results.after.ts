import { retry, safe } from '@nestcms/circuit-breaker';

class Busy extends Error {}
const policy = retry({ maxAttempts: 3, backoff: { kind: 'constant', delayMs: 0 } });
const { status } = await policy.execute(
  safe(async ({ attempt }) => {
    const answer = { status: attempt === 1 ? 503 : 200 };
    if (answer.status === 503) throw new Busy(); // results are not looked at, only errors
    return answer;
  }),
);
console.log(status); // → 200
