import { fallback, handleAll } from 'cockatiel';

const rate = async (): Promise<number> => {
  throw new Error('no answer');
};

const policy = fallback(handleAll, () => 'unknown');
console.log(await policy.execute(rate)); // → unknown
