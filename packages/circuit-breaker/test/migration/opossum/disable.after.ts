import { CircuitBreaker } from '@nestcms/circuit-breaker';

const down = async () => {
  throw new Error('no answer');
};

const breaker = new CircuitBreaker({ name: 'down', mode: 'disabled' }); // 'shadow' would count
for (let call = 1; call <= 20; call += 1) await breaker.execute(down).catch(() => {});
console.log(breaker.state === 'open');
breaker.update({ mode: 'enforcing' });
for (let call = 1; call <= 30; call += 1) await breaker.execute(down).catch(() => {});
console.log(breaker.state === 'open');
// → false
// → true
