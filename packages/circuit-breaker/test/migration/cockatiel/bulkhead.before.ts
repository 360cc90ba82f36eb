import { BulkheadRejectedError, bulkhead } from 'cockatiel';

const render = () => new Promise<string>((resolve) => setTimeout(resolve, 20, 'done'));

const policy = bulkhead(1, 1);
const answers = await Promise.allSettled([1, 2, 3].map(() => policy.execute(render)));
for (const answer of answers) {
  if (answer.status === 'fulfilled') console.log(answer.value);
  else console.log(answer.reason instanceof BulkheadRejectedError ? 'full' : 'failed');
}
console.log(policy.executionSlots, policy.queueSlots);
// → done
// → done
// → full
// → 1 1
