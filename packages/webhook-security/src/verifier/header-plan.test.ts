import { expect, it } from 'vitest';
import { pairOf, told, withHeaders } from '../../test/support/signed.js';
import { defineScheme, github } from '../index.js';

it('reads how the body is encoded', () => {
  const { verifier, sign } = pairOf(github());
  const verify = (encoding: string) =>
    told(verifier.verifySync(withHeaders(sign(), { 'content-encoding': encoding })));
  expect(verify('identity')).toBe('accepted');
  expect(verify('gzip')).toBe('content-encoding');
});

it('reads a header that is a piece of the message', () => {
  const scheme = defineScheme({
    ...github(),
    name: 'signed-topic',
    message: { kind: 'parts', parts: [{ header: 'x-topic' }, { text: '.' }, 'body'] },
  });
  const { verifier, sign } = pairOf(scheme);
  const request = sign('{}', { headers: { 'x-topic': 'paid' } });
  const verify = (topic: string) =>
    told(verifier.verifySync(withHeaders(request, { 'x-topic': topic })));
  expect(verify('paid')).toBe('accepted');
  expect(verify('refunded')).toBe('signature');
  expect(verify('')).toBe('header-missing');
});
