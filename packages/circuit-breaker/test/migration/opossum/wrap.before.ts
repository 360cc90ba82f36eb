import CircuitBreaker from 'opossum';

const greet = async (name: string) => `hello ${name}`;

const breaker = new CircuitBreaker(greet, {
  timeout: 3000,
  errorThresholdPercentage: 50,
  resetTimeout: 30_000,
});
console.log(await breaker.fire('Ada')); // → hello Ada
