import { expect, it } from 'vitest';
import { WebhookRoute } from '../../src/adapters/nestjs/index.js';

it.each<[object, RegExp]>([
  [{ refuse: 'handle' }, /^refuse is unknown; allowed: refused/],
  [{ refused: 'ignore' }, /^refused is 'ignore'; allowed: 'throw' or 'handle'/],
])('refuses the option %j', (wrong, message) => {
  expect(() => WebhookRoute(Symbol('hook'), wrong)).toThrow(message);
});
