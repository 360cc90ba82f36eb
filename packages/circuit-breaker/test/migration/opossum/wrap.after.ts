import { CircuitBreaker, pipeline, timeout } from '@nestcms/circuit-breaker';

const greet = async (name: string) => `hello ${name}`;

const breaker = new CircuitBreaker({ name: 'greet', failureRate: 0.5, openForMs: 30_000 });
const greetGuarded = pipeline([breaker, timeout({ timeoutMs: 3000 })]).wrap(greet);
console.log(await greetGuarded('Ada')); // → hello Ada
