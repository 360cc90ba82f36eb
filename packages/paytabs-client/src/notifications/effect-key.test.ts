import fc from 'fast-check';
import { expect, it } from 'vitest';
import { effectKey } from './effect-key.js';

const subject = { profileId: 98765, tranRef: 'TST2625600001234', status: 'A' };

it('names profile, transaction and status', () => {
  expect(effectKey(subject)).toBe('98765:TST2625600001234:A');
});

it('is the same for a redelivery, and another for whatever else happens', () => {
  const part = fc.oneof(fc.constantFrom('A', ':', '%', '%3A', 'a:b'), fc.string());
  const any = fc.record({ profileId: fc.nat(), tranRef: part, status: part });
  fc.assert(
    fc.property(any, any, (left, right) => {
      const same =
        left.profileId === right.profileId &&
        left.tranRef === right.tranRef &&
        left.status === right.status;
      expect(effectKey(left) === effectKey(right)).toBe(same);
      expect(effectKey({ ...left })).toBe(effectKey(left));
    }),
  );
  expect(effectKey({ profileId: 1, tranRef: 'a:b', status: 'c' })).not.toBe(
    effectKey({ profileId: 1, tranRef: 'a', status: 'b:c' }),
  );
  expect(effectKey({ profileId: 1, tranRef: '%3A', status: '' })).not.toBe(
    effectKey({ profileId: 1, tranRef: ':', status: '' }),
  );
});
