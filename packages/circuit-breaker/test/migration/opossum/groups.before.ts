import CircuitBreaker from 'opossum';

const options = { group: 'payments' };
const breakers = [
  new CircuitBreaker(async () => 'paid', { ...options, name: 'cards' }),
  new CircuitBreaker(async () => 'paid', { ...options, name: 'wallets' }),
  new CircuitBreaker(async () => 'found', { name: 'search' }),
];
for (const breaker of breakers) if (breaker.group === 'payments') breaker.open();
for (const { name, opened } of breakers) console.log(name, opened);
// → cards true
// → wallets true
// → search false
