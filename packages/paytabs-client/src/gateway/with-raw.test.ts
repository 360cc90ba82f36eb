import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { withRaw } from './with-raw.js';

it('shows an answer to whoever asks for it, and to no logger', () => {
  const answer = withRaw({ tranRef: 'TST1' }, { token: 'secret' });
  expect(answer.raw).toEqual({ token: 'secret' });
  const shown = [
    inspect(answer, { depth: 9 }),
    JSON.stringify(answer),
    String(Object.keys(answer)),
  ];
  expect(shown.join()).not.toContain('secret');
  expect({ ...answer }).toEqual({ tranRef: 'TST1' });
  expect(Object.isFrozen(answer)).toBe(true);
});
