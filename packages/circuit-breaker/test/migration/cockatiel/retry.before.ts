import { ExponentialBackoff, handleAll, noJitterGenerator, retry } from 'cockatiel';

const policy = retry(handleAll, {
  maxAttempts: 2, // after the first
  backoff: new ExponentialBackoff({ generator: noJitterGenerator, initialDelay: 100 }),
});
policy.onRetry(({ delay }) => console.log(`again in ${delay} ms`));
const answer = await policy.execute(async ({ attempt }) => {
  if (attempt < 2) throw new Error('busy');
  return `answered at attempt ${attempt + 1}`;
});
console.log(answer);
// → again in 100 ms
// → again in 200 ms
// → answered at attempt 3
