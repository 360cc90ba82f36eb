import CircuitBreaker from 'opossum';

const render = () => new Promise<string>((resolve) => setTimeout(resolve, 20, 'done'));

const breaker = new CircuitBreaker(render, { capacity: 1 });
const answers = await Promise.allSettled([breaker.fire(), breaker.fire()]);
for (const answer of answers) {
  if (answer.status === 'fulfilled') console.log(answer.value);
  else console.log(answer.reason.code === 'ESEMLOCKED' ? 'full' : 'failed');
}
// → done
// → full
