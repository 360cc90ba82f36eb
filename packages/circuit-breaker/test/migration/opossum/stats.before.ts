import CircuitBreaker from 'opossum';

const take = (ms: number) =>
  new Promise<void>((resolve, reject) => {
    setTimeout(() => (ms < 100 ? resolve() : reject(new Error('slow'))), ms);
  });

const breaker = new CircuitBreaker(take);
for (const ms of [20, 40, 60, 200]) await breaker.fire(ms).catch(() => {});
const { successes, failures, percentiles } = breaker.stats;
console.log(successes, failures, Math.round((percentiles[0.5] ?? 0) / 10) * 10);
// → 3 1 40
