import { TimeoutStrategy, timeout } from 'cockatiel';

const search = (signal: AbortSignal) =>
  new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve('found so far'));
  });

const policy = timeout(50, TimeoutStrategy.Cooperative);
console.log(await policy.execute(({ signal }) => search(signal))); // → found so far
