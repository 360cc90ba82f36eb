import CircuitBreaker from 'opossum';

const down = async () => {
  throw new Error('no answer');
};

const breaker = new CircuitBreaker(down, { volumeThreshold: 2, timeout: false });
for (let call = 1; call <= 3; call += 1) {
  await breaker.fire().catch((error: unknown) => {
    const isRefused = CircuitBreaker.isOurError(error) && error.code === 'EOPENBREAKER';
    console.log(isRefused ? 'refused' : 'failed');
  });
}
// → failed
// → failed
// → refused
