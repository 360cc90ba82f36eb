import {
  bulkhead,
  CircuitBreaker,
  isCircuitBreakerError,
  pipeline,
} from '@nestcms/circuit-breaker';

const render = () => new Promise<string>((resolve) => setTimeout(resolve, 20, 'done'));

const guarded = pipeline([
  new CircuitBreaker({ name: 'render' }),
  bulkhead({ maxConcurrent: 1 }), // with maxQueue others may wait
]);
const answers = await Promise.allSettled([guarded.execute(render), guarded.execute(render)]);
for (const answer of answers) {
  if (answer.status === 'fulfilled') console.log(answer.value);
  else console.log(isCircuitBreakerError(answer.reason, 'BULKHEAD_FULL') ? 'full' : 'failed');
}
// → done
// → full
