import { CircuitBreaker, fallback, pipeline } from '@nestcms/circuit-breaker';

const main = new CircuitBreaker({ name: 'main' });
const mirror = new CircuitBreaker({ name: 'mirror' });
const fromMain = async (_id: string): Promise<string> => {
  throw new Error('main is down');
};
const fromMirror = async (id: string) => `${id} of the mirror`;

const load = (id: string) =>
  pipeline([fallback(() => mirror.execute(() => fromMirror(id))), main]).execute(() =>
    fromMain(id),
  );
console.log(await load('page')); // → page of the mirror
