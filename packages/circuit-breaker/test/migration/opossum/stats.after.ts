import { CircuitBreaker } from '@nestcms/circuit-breaker';

const take = (ms: number) =>
  new Promise<void>((resolve, reject) => {
    setTimeout(() => (ms < 100 ? resolve() : reject(new Error('slow'))), ms);
  });

const breaker = new CircuitBreaker({ name: 'take', latency: true });
for (const ms of [20, 40, 60, 200]) await breaker.execute(() => take(ms)).catch(() => {});
const { totals, latency } = breaker.stats(); // `window` has what the rates are taken from
console.log(totals.succeeded, totals.failed, Math.round((latency?.p50 ?? 0) / 10) * 10);
// → 3 1 40
