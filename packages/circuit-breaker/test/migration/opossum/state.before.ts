import CircuitBreaker from 'opossum';

const load = async () => 'ok';

const before = new CircuitBreaker(load);
before.open();
const kept = JSON.stringify(before);

const { state, status } = JSON.parse(kept);
const after = new CircuitBreaker(load, { state, status });
console.log(after.opened); // → true
