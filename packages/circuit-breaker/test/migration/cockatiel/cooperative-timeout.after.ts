// No policy at all: a call that decides for itself what to do when its time is over needs a signal only.
const search = (signal: AbortSignal) =>
  new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve('found so far'));
  });

const controller = new AbortController();
const timer = setTimeout(() => controller.abort(), 50);
console.log(await search(controller.signal)); // → found so far
clearTimeout(timer);

export {};
