import { handleWhenResult, retry } from 'cockatiel';

const isBusy = (answer: unknown) => (answer as { status: number }).status === 503;
const policy = retry(handleWhenResult(isBusy), { maxAttempts: 2 });
const { status } = await policy.execute(async ({ attempt }) => ({
  status: attempt === 0 ? 503 : 200,
}));
console.log(status); // → 200
