import { CircuitBreaker } from '@nestcms/circuit-breaker';

async function load(this: { table: string }, id: number) {
  return `${this.table} ${id}`;
}

const loadGuarded = new CircuitBreaker({ name: 'load' }).wrap(load);
console.log(await loadGuarded.call({ table: 'user' }, 7)); // → user 7
