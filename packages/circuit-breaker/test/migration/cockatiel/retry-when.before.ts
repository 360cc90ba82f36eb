import { ConstantBackoff, handleWhen, retry } from 'cockatiel';

const isBusy = (error: unknown) => (error as Error).message === 'busy';
const policy = retry(handleWhen(isBusy), { maxAttempts: 2, backoff: new ConstantBackoff(10) });
for (const message of ['busy', 'a mistake']) {
  let calls = 0;
  await policy
    .execute(async () => {
      calls += 1;
      throw new Error(message);
    })
    .catch((error: Error) => console.log(error.message, calls));
}
// → busy 3
// → a mistake 1
