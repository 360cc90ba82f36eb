import { handleAll, noop, retry } from 'cockatiel';

const isOn = false;
const policy = isOn ? retry(handleAll, { maxAttempts: 2 }) : noop;
console.log(await policy.execute(async () => 'ok')); // → ok
