import { CircuitBreaker } from '@nestcms/circuit-breaker';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let isWell = true;
const ping = async () => {
  if (!isWell) throw new Error('not well');
};

const breaker = new CircuitBreaker({ name: 'ok', openForMs: 30_000 });
const checking = setInterval(() => void ping().catch(() => breaker.trip()), 100);
await sleep(150);
console.log(breaker.state === 'open');
isWell = false;
await sleep(100);
console.log(breaker.state === 'open');
clearInterval(checking);
// → false
// → true
