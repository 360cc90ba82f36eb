import { CircuitBreaker, fallback, pipeline } from '@nestcms/circuit-breaker';

const rate = async (currency: string): Promise<number> => {
  throw new Error(`no rate for ${currency}`);
};

const breaker = new CircuitBreaker({ name: 'rates' });
const rateOrText = (currency: string) =>
  pipeline([
    fallback(({ error }) => `${currency}: ${(error as Error).message}`), // `reason` says why
    breaker,
  ]).execute(() => rate(currency));
console.log(await rateOrText('EUR')); // → EUR: no rate for EUR
