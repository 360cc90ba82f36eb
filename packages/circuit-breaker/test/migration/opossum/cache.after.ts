import { CircuitBreaker, cache, pipeline } from '@nestcms/circuit-breaker';

let calls = 0;
const load = async (id: number) => {
  calls += 1;
  return `user ${id}`;
};

const users = cache({ ttlMs: 60_000, staleIfErrorMs: 600_000 }); // old ones where a call fails
const guarded = pipeline([users, new CircuitBreaker({ name: 'users' })]);
const user = (id: number) => guarded.execute(() => load(id), { key: `user:${id}` });
console.log(await user(7), await user(7), calls);
users.clear();
console.log(await user(7), calls);
// → user 7 user 7 1
// → user 7 2
