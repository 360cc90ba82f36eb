import { handleAll, retry, TaskCancelledError } from 'cockatiel';

const request = (signal: AbortSignal) =>
  new Promise<string>((_, reject) => {
    signal.addEventListener('abort', () => reject(new TaskCancelledError()));
  });

const controller = new AbortController();
setTimeout(() => controller.abort(), 20);
await retry(handleAll, { maxAttempts: 2 })
  .execute(({ signal }) => request(signal), controller.signal)
  .catch((error: unknown) => console.log(error instanceof TaskCancelledError));
// → true
