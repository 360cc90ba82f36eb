import { fallback } from '@nestcms/circuit-breaker';

const rate = async (): Promise<number> => {
  throw new Error('no answer');
};

const policy = fallback(() => 'unknown'); // more handlers are asked if it fails
console.log(await policy.execute(rate)); // → unknown
