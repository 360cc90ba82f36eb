import CircuitBreaker from 'opossum';

const request = (signal: AbortSignal) =>
  new Promise<string>((_, reject) => {
    signal.addEventListener('abort', () => {
      console.log('request ended');
      reject(signal.reason);
    });
  });

const abortController = new AbortController(); // one for all calls, used up by the first
const breaker = new CircuitBreaker(request, { timeout: 50, abortController });
await breaker.fire(abortController.signal).catch(() => console.log('took too long'));
// → request ended
// → took too long
