import { retry, safe } from '@nestcms/circuit-breaker';

const isBusy = (error: unknown) => error instanceof Error && error.message === 'busy';
const policy = retry({
  maxAttempts: 3,
  shouldRetry: ({ error }) => isBusy(error),
  backoff: { kind: 'constant', delayMs: 10 },
});
for (const message of ['busy', 'a mistake']) {
  let calls = 0;
  const fail = async () => {
    calls += 1;
    throw new Error(message);
  };
  await policy.execute(safe(fail)).catch((error: Error) => console.log(error.message, calls));
}
// → busy 3
// → a mistake 1
