import CircuitBreaker from 'opossum';

async function load(this: { table: string }, id: number) {
  return `${this.table} ${id}`;
}

const breaker = new CircuitBreaker(load);
console.log(await breaker.call({ table: 'user' }, 7)); // → user 7
