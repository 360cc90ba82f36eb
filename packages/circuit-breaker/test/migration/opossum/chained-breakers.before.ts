import CircuitBreaker from 'opossum';

const main = new CircuitBreaker(async (_id: string): Promise<string> => {
  throw new Error('main is down');
});
const mirror = new CircuitBreaker(async (id: string) => `${id} of the mirror`);
main.fallback(mirror);
console.log(await main.fire('page')); // → page of the mirror
