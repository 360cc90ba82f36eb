import CircuitBreaker from 'opossum';

let calls = 0;
const load = async (id: number) => {
  calls += 1;
  return `user ${id}`;
};

const breaker = new CircuitBreaker(load, {
  cache: true,
  cacheTTL: 60_000,
  cacheGetKey: (id) => `user:${id}`,
});
console.log(await breaker.fire(7), await breaker.fire(7), calls);
breaker.clearCache();
console.log(await breaker.fire(7), calls);
// → user 7 user 7 1
// → user 7 2
