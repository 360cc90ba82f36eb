import CircuitBreaker from 'opossum';

const rate = async (currency: string): Promise<number> => {
  throw new Error(`no rate for ${currency}`);
};

const breaker = new CircuitBreaker(rate);
breaker.fallback((currency: string, error: Error) => `${currency}: ${error.message}`);
console.log(await breaker.fire('EUR')); // → EUR: no rate for EUR
