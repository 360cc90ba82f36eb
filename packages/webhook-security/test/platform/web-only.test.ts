import { describe, expect, it, vi } from 'vitest';
import {
  createMemoryReplayStore,
  discord,
  isWebhookSecurityError,
  type RefusedVerdict,
  type WebhookEvent,
} from '../../src/index.js';
import { signWebhook, signWebhookAsync } from '../../src/signing/index.js';
import { callback, key, notice, now, verifierWith } from '../requests.js';

vi.mock('../../src/platform/index.js', () => import('../../src/platform/web/index.js'));

describe('on the web', () => {
  it('what needs a signature answers later alone, and says so', async () => {
    const verifier = verifierWith();
    const error = (call: () => unknown) => {
      try {
        return call();
      } catch (thrown) {
        return thrown;
      }
    };
    const refused = error(() => verifier.verifySync(callback()));
    expect(isWebhookSecurityError(refused, 'NOT_SYNC')).toBe(true);
    const options = { scheme: verifier.scheme, key, body: '{}' };
    expect(
      isWebhookSecurityError(
        error(() => signWebhook(options)),
        'NOT_SYNC',
      ),
    ).toBe(true);
    expect((await signWebhookAsync(options)).headers).toHaveProperty('signature');
    await expect(signWebhookAsync({ ...options, key: '' })).rejects.toThrow('is empty');
  });

  it('a claim of a verdict that nobody waits for is freed', async () => {
    const verifier = verifierWith({ replay: { store: createMemoryReplayStore() } });
    expect(() => verifier.verifySync(callback())).toThrow('use verify');
    await expect.poll(async () => (await verifier.verify(callback())).verdict).toBe('accepted');
  });

  it('requests that overlap are each judged by their own signature and body', async () => {
    const verifier = verifierWith();
    const verdicts = await Promise.all(
      Array.from({ length: 200 }, (_, index) => {
        const request = callback({ ...notice, tran_ref: `TST${index}` });
        const isRight = index % 3 !== 0;
        const body = isRight ? request.body : Buffer.from('{"another":1}');
        return verifier.verify({ ...request, body });
      }),
    );
    const accepted = verdicts.map(({ verdict }) => verdict === 'accepted');
    expect(accepted).toEqual(verdicts.map((_, index) => index % 3 !== 0));
  });

  it('what is written into the body while its signature is checked changes nothing', async () => {
    const verifier = verifierWith();
    const request = callback();
    const body = Uint8Array.from(request.body);
    const verdict = verifier.verify({ ...request, body });
    body.fill(0x20);
    expect(await verdict).toMatchObject({
      verdict: 'accepted',
      payload: { tran_ref: notice.tran_ref },
    });
    const late = Uint8Array.from(request.body).fill(0x20);
    const refused = verifier.verify({ ...request, body: late });
    late.set(request.body);
    expect(await refused).toMatchObject({ verdict: 'refused', reason: 'signature' });
  });

  it('a key whose import fails lets nothing through', async () => {
    const events: WebhookEvent[] = [];
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new TypeError('not here'));
    const verifier = verifierWith({ observer: (event) => events.push(event) });
    const verdict = (await verifier.verify(callback())) as RefusedVerdict;
    expect(verdict).toMatchObject({ reason: 'verifier-failed', stage: 'signature' });
    expect(events).toMatchObject([{ error: { name: 'TypeError' } }]);
  });

  it('a key whose import fails before any request ends nothing', async () => {
    const rejected = vi.fn();
    process.on('unhandledRejection', rejected);
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new TypeError('not here'));
    verifierWith({ scheme: discord(), keys: ['02'.repeat(32)] });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', rejected);
    expect(rejected).not.toHaveBeenCalled();
  });

  it('a delivery named by its digest has its name when the verdict is there', async () => {
    const body = { tran_ref: '', at: now };
    const verdict = await verifierWith().verify(callback(body as never));
    expect(verdict).toMatchObject({ deliveryId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
  });
});
