import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { callback, notice, verifierWith } from '../../../test/requests.js';
import { createMemoryReplayStore } from '../../index.js';
import { createPrometheusObserver } from './index.js';

const lines = async (register: Registry) =>
  (await register.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

it('counts each request once by its verdict, and what else happens', async () => {
  const register = new Registry();
  const observer = createPrometheusObserver({ register });
  const verifier = verifierWith({
    keys: ['another key of this profile', 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ'],
    observer,
    replay: { store: createMemoryReplayStore() },
  });
  await verifier.verify(callback());
  await verifier.verify(callback());
  await verifier.verify(callback(notice, { body: Buffer.from('{}') }));
  const down = { claim: () => Promise.reject(new Error('down')), confirm() {}, release() {} };
  await verifierWith({ observer, replay: { store: down } }).verify(callback());
  expect(await lines(register)).toEqual([
    'webhook_verdicts_total{scheme="paytabs",verdict="accepted",reason=""} 1',
    'webhook_verdicts_total{scheme="paytabs",verdict="replayed",reason="claimedElsewhere"} 1',
    'webhook_verdicts_total{scheme="paytabs",verdict="refused",reason="signature"} 1',
    'webhook_verdicts_total{scheme="paytabs",verdict="refused",reason="replay-store-failed"} 1',
    'webhook_store_failures_total{scheme="paytabs",operation="claim"} 1',
    'webhook_old_key_uses_total{scheme="paytabs"} 1',
  ]);
});

it('refuses an unknown option, and names that are taken', () => {
  const register = new Registry();
  createPrometheusObserver({ register });
  expect(() => createPrometheusObserver({ register })).toThrow(/already been registered/);
  expect(() => createPrometheusObserver({ prefix: 'x' } as never)).toThrow(/^prefix is unknown/);
});
