import { CircuitBreaker, coalesce, pipeline } from '@nestcms/circuit-breaker';

let calls = 0;
const load = async (id: number) => {
  calls += 1;
  return `user ${id}`;
};

const guarded = pipeline([coalesce(), new CircuitBreaker({ name: 'users' })]);
const user = (id: number) => guarded.execute(() => load(id), { key: `user:${id}` });
console.log(...(await Promise.all([user(7), user(7)])), calls);
console.log(await user(7), calls);
// → user 7 user 7 1
// → user 7 2
