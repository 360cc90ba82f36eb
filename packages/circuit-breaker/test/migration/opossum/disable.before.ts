import CircuitBreaker from 'opossum';

const down = async () => {
  throw new Error('no answer');
};

const breaker = new CircuitBreaker(down, { enabled: false });
for (let call = 1; call <= 20; call += 1) await breaker.fire().catch(() => {});
console.log(breaker.opened);
breaker.enable();
for (let call = 1; call <= 30; call += 1) await breaker.fire().catch(() => {});
console.log(breaker.opened);
// → false
// → true
