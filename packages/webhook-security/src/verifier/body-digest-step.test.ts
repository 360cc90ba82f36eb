import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { hookUrl, pairOf, told } from '../../test/support/signed.js';
import { twilioJson } from '../scheme/presets/twilio.js';

it('takes the body whose digest stands in the signed address, and no other', () => {
  const { verifier, sign } = pairOf(twilioJson());
  const query = `?bodySHA256=${createHash('sha256').update('{"a":1}').digest('hex')}`;
  const right = { ...sign('{"a":1}', { url: `${hookUrl}${query}` }), url: `/hook${query}` };
  expect(told(verifier.verifySync(right))).toBe('accepted');
  expect(verifier.verifySync({ ...right, body: Buffer.from('{"a":2}') })).toMatchObject({
    reason: 'signature',
    stage: 'signature',
    status: 401,
  });
});
