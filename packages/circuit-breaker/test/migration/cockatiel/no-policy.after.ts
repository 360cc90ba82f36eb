import { retry, safe } from '@nestcms/circuit-breaker';

const isOn = false;
const ask = safe(async () => 'ok');
const askGuarded = isOn ? retry().wrap(ask) : ask; // of one type
console.log(await askGuarded()); // → ok
