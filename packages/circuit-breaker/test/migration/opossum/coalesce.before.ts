import CircuitBreaker from 'opossum';

let calls = 0;
const load = async (id: number) => {
  calls += 1;
  return `user ${id}`;
};

const breaker = new CircuitBreaker(load, {
  coalesce: true,
  coalesceResetOn: ['error', 'success', 'timeout'],
});
console.log(...(await Promise.all([breaker.fire(7), breaker.fire(7)])), calls);
console.log(await breaker.fire(7), calls);
// → user 7 user 7 1
// → user 7 2
