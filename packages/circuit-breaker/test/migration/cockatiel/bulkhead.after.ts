import { bulkhead, isCircuitBreakerError } from '@nestcms/circuit-breaker';

const render = () => new Promise<string>((resolve) => setTimeout(resolve, 20, 'done'));

const policy = bulkhead({ maxConcurrent: 1, maxQueue: 1 }); // none waits longer than maxQueueMs
const answers = await Promise.allSettled([1, 2, 3].map(() => policy.execute(render)));
for (const answer of answers) {
  if (answer.status === 'fulfilled') console.log(answer.value);
  else console.log(isCircuitBreakerError(answer.reason, 'BULKHEAD_FULL') ? 'full' : 'failed');
}
console.log(1 - policy.running, 1 - policy.queued);
// → done
// → done
// → full
// → 1 1
