import { TaskCancelledError, TimeoutStrategy, timeout } from 'cockatiel';

const hangs = () => new Promise<string>(() => {});

const policy = timeout(50, TimeoutStrategy.Aggressive);
await policy
  .execute(hangs)
  .catch((error: unknown) => console.log(error instanceof TaskCancelledError));
// → true
