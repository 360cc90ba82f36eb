import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { createMemoryReplayStore } from '@nestcms/webhook-security';
import { signPayTabsCallback } from '@nestcms/webhook-security/testing';
import { describe, expect, it } from 'vitest';
import { createNotificationVerifier } from './create-notification-verifier.js';

const one = 'SAAAAAAAAA-AAAAAAAAAA-AAAAAAAAAA';
const other = 'SBBBBBBBBB-BBBBBBBBBB-BBBBBBBBBB';
const keys = { 101: [one], 202: [other] };
const clock = new ManualClock({ wallTime: Date.UTC(2026, 8, 13, 8, 20) });

const notice = (profileId: unknown, key: string) => {
  const text = JSON.stringify({
    tran_ref: 'TST2625600001234',
    profile_id: profileId,
    cart_id: 'order-1001',
    cart_currency: 'AED',
    cart_amount: '149.50',
    tran_total: '149.50',
    tran_type: 'Sale',
    payment_result: { response_status: 'A', transaction_time: '2026-09-13T08:15:30Z' },
  });
  return signed(Buffer.from(text), key);
};

const signed = (body: Buffer, key: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', signature: signPayTabsCallback(body, key) },
  body,
});

describe('a verifier of several profiles', () => {
  const verifier = createNotificationVerifier({ keys, clock });

  it.each([
    [101, one],
    [202, other],
    ['202', other],
  ])('takes what profile %s has signed', async (profileId, key) => {
    const verdict = await verifier.verify(notice(profileId, key));
    const payload = { profileId: Number(profileId) };
    expect(verdict).toMatchObject({ verdict: 'accepted', payload });
    expect(verifier.verifySync(notice(profileId, key))).toMatchObject({ verdict: 'accepted' });
  });

  it.each([
    ['signed with the key of another', notice(101, other), 'signature'],
    ['of a profile that is not known', notice(303, other), 'signature'],
    ['of no known profile, signed with a known key', notice(303, one), 'payload-invalid'],
    ['of no profile', notice(null, one), 'payload-invalid'],
    ['that is no JSON', signed(Buffer.from('{'), one), 'payload-malformed'],
    ['that is too long', signed(Buffer.alloc(verifier.maxBytes + 1, 32), one), 'body-too-large'],
    ['that is no request at all', undefined as never, 'request-malformed'],
  ])('refuses one %s', async (_, request, reason) => {
    expect(await verifier.verify(request)).toMatchObject({ verdict: 'refused', reason });
  });

  it('leaves a true notice its turn after a forged one', async () => {
    const replay = { store: createMemoryReplayStore({ clock }) };
    const once = createNotificationVerifier({ keys, clock, replay });
    expect(await once.verify(notice(101, other))).toMatchObject({ verdict: 'refused' });
    expect(await once.verify(notice(101, one))).toMatchObject({ verdict: 'accepted' });
    expect(await once.verify(notice(101, one))).toMatchObject({ reason: 'replay' });
  });

  it('has what adapters look for', () => {
    expect(verifier.scheme).toMatchObject({ name: 'paytabs', methods: ['POST'] });
    expect(verifier.refuse('body-too-large')).toMatchObject({ verdict: 'refused' });
  });

  it.each([
    [{}, 'INVALID_KEY'],
    [{ 101: [] }, 'INVALID_KEY'],
    [{ shop: [one] }, 'INVALID_OPTION'],
    [undefined as never, 'INVALID_KEY'],
  ])('is not made of %j', (wrong, code) => {
    expect(() => createNotificationVerifier({ keys: wrong })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
