import { CircuitBreakerRegistry } from '@nestcms/circuit-breaker';

const breakers = new CircuitBreakerRegistry();
breakers.getOrCreate({ name: 'cards', tags: ['payments'] });
breakers.getOrCreate({ name: 'wallets', tags: ['payments'] });
breakers.getOrCreate({ name: 'search' });
breakers.holdOpen({ tag: 'payments', reason: 'the bank is down' });
for (const { name, state } of breakers.list()) console.log(name, state === 'open');
// → cards true
// → wallets true
// → search false
