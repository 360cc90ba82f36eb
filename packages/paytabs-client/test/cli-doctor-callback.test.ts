import type { RequestListener } from 'node:http';
import { systemClock } from '@nestcms/circuit-breaker';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Check } from '../src/cli/doctor/check.js';
import { makeDoctor } from '../src/cli/doctor/doctor.js';
import { createNotificationVerifier, type PayTabsNotification, regions } from '../src/index.js';
import { startSimulator } from '../src/testing/index.js';
import { closedUrl, runCommand, serve, serveSelfSigned } from './with-cli.js';

type Lookup = (host: string) => Promise<readonly string[]>;

async function doctor(
  callback: string,
  { baseUrl, lookup = async () => [] }: { baseUrl?: string; lookup?: Lookup } = {},
) {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.stop());
  const { serverKey, profileId } = simulator;
  const command = makeDoctor({ regions, clock: systemClock, lookup });
  const base = baseUrl ?? simulator.baseUrl;
  const args = ['--json', '--timeout', '0.5', '--base-url', base, '--callback', callback];
  const env = { PAYTABS_PROFILE_ID: String(profileId), PAYTABS_SERVER_KEY: serverKey };
  const { code, out, err } = await runCommand(command, args, { env });
  expect(out + err).not.toContain(serverKey);
  const { checks } = JSON.parse(out) as { checks: Check[] };
  const check = (name: string) => checks.find((each) => each.name === `callback-${name}`);
  return { code, out, check };
}

/** A shop that verifies notices, or does not. */
const shop = (
  answer: (isAccepted: boolean) => number,
  accepted: PayTabsNotification[] = [],
): RequestListener => {
  const verifier = createNotificationVerifier({ keys: ['SSIMULATOR-LOCALONLY0-NOTASECRET'] });
  return (request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = '', headers } = request;
      const verdict = await verifier.verify({ method, headers, body: Buffer.concat(chunks) });
      if (verdict.verdict === 'accepted') accepted.push(verdict.payload);
      response.writeHead(answer(verdict.verdict === 'accepted')).end();
    })();
  };
};

describe('doctor asks the callback address of a shop', () => {
  it('that takes the signed notice alone, which is about nothing', async () => {
    const accepted: PayTabsNotification[] = [];
    const { url } = await serve(shop((isAccepted) => (isAccepted ? 200 : 401), accepted));
    const { code, check } = await doctor(url);
    expect(code).toBe(0);
    for (const name of ['address', 'answer', 'forged']) expect(check(name)?.status).toBe('ok');
    expect(accepted).toHaveLength(1);
    expect(accepted[0]).toMatchObject({
      kind: 'declined',
      cartId: expect.stringMatching(/^paytabs-doctor-/),
      profileId: 98765,
    });
  });

  it('that takes anything', async () => {
    const { url } = await serve(shop(() => 200));
    const { code, check } = await doctor(url);
    expect(code).toBe(1);
    expect(check('answer')?.status).toBe('ok');
    expect(check('forged')).toMatchObject({
      status: 'failed',
      says: expect.stringContaining('anybody could have sent'),
    });
  });

  it('that looks whether there is a signature, and not at it', async () => {
    const { url } = await serve((request, response) =>
      response.writeHead(request.headers.signature === undefined ? 401 : 200).end(),
    );
    const { check } = await doctor(url);
    expect(check('forged')?.says).toContain('without a signature: 401, with a wrong one: 200');
  });

  it('that breaks on what is forged', async () => {
    const { url } = await serve(shop((isAccepted) => (isAccepted ? 200 : 500)));
    const { code, check } = await doctor(url);
    expect(code).toBe(0);
    expect(check('forged')?.status).toBe('warning');
  });

  it.each([
    [404, 'no route for a POST'],
    [302, 'redirects (302)'],
    [403, 'refuses a signed notice (403)'],
    [204, 'answers 204'],
    [500, 'answers 500'],
  ])('that answers everything with %i', async (status, says) => {
    const { url } = await serve((_, response) =>
      response.writeHead(status, { location: 'https://elsewhere.example/' }).end(),
    );
    const { code, check } = await doctor(url);
    expect(code).toBe(1);
    expect(check('answer')).toMatchObject({
      status: 'failed',
      says: expect.stringContaining(says),
    });
    expect(check('forged')?.status).toBe('skipped');
  });

  it('whose certificate is its own', async () => {
    const url = await serveSelfSigned((_, response) => response.end());
    const { check } = await doctor(url);
    expect(check('answer')?.says).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('that never answers', async () => {
    const { url } = await serve(() => {});
    const { check } = await doctor(url);
    expect(check('answer')?.says).toContain('no answer in time');
  });

  it('that is not there', async () => {
    const { check } = await doctor(await closedUrl());
    expect(check('answer')?.says).toContain('ECONNREFUSED');
  });

  it('and shows nothing of its query, which may be a secret', async () => {
    const { url } = await serve(shop((isAccepted) => (isAccepted ? 200 : 401)));
    const { out } = await doctor(`${url}/callback?token=secret-word`);
    expect(out).not.toContain('secret-word');
  });
});

describe('doctor looks at the callback address for a gateway on the internet', () => {
  const outside = { baseUrl: 'https://gateway.invalid' };

  it.each([
    ['http://shop.example.com/paytabs', 'must be https'],
    ['https://shop.example.com:8443/paytabs', 'must have no port'],
    ['https://localhost/paytabs', 'must be a public host'],
    ['https://192.168.1.5/paytabs', 'must be a public host'],
    ['https://[::1]/paytabs', 'must be a public host'],
    [`https://shop.example.com/${'a'.repeat(255)}`, 'at most 255 characters'],
  ])('and refuses %s', async (url, says) => {
    const { code, check } = await doctor(url, outside);
    expect(code).toBe(1);
    expect(check('address')).toMatchObject({
      status: 'failed',
      says: expect.stringContaining(says),
    });
    expect(check('answer')?.status).toBe('skipped');
  });

  it.each([
    [['203.0.113.9', '10.0.0.7'], 'leads to 10.0.0.7'],
    [['fd00::7'], 'leads to fd00::7'],
  ])('and finds that DNS has %j', async (addresses, says) => {
    const lookup = async () => addresses;
    const { check } = await doctor('https://shop.example.com/paytabs', { ...outside, lookup });
    expect(check('address')?.says).toContain(says);
  });

  it('and finds that DNS has nothing', async () => {
    const lookup = async () => {
      throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
    };
    const { check } = await doctor('https://shop.example.com/paytabs', { ...outside, lookup });
    expect(check('address')?.says).toContain('DNS does not know shop.example.com');
  });

  it('and asks a public one, over TLS', async () => {
    const lookup = async () => ['203.0.113.9'];
    const { check } = await doctor('https://shop.invalid/paytabs', { ...outside, lookup });
    expect(check('address')?.status).toBe('ok');
    expect(check('answer')?.says).toContain('shop.invalid');
  });
});
