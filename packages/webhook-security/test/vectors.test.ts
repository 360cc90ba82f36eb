import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatAddressRule, parseAddressRule } from '../src/address/address-set.js';
import { parseAddress } from '../src/address/parse-address.js';
import { createAddressSet, resolveClientAddress } from '../src/index.js';
import { runWebhookCase, type WebhookCase } from './vector-runner.js';

function read(name: string) {
  return JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8'));
}
const webhooks: { cases: WebhookCase[] } = read('webhooks.json');
describe('webhooks.json', () => {
  it.each(
    webhooks.cases
      .filter((c) => !c.secrets.some((s) => s.startsWith('whpk_')))
      .map((c) => [c.id, c] as const),
  )('%s', async (_id, c) => {
    expect(await runWebhookCase(c)).toEqual({ expect: c.expect, reason: c.reason });
  });
});
const ip = read('ip.json');
describe('ip.json', () => {
  it.each(ip.membership.map((c: { id: string }) => [c.id, c]))('member %s', (_id, c) => {
    const got =
      parseAddress(c.address) === undefined
        ? 'invalid'
        : createAddressSet(c.rules).has(c.address)
          ? 'member'
          : 'non-member';
    expect(got).toBe(c.expect);
  });
  it.each(ip.cidrs.map((c: { id: string }) => [c.id, c]))('rule %s', (_id, c) => {
    const r = parseAddressRule(c.rule);
    expect(r === undefined ? 'invalid' : 'valid').toBe(c.expect);
    if (r) expect(formatAddressRule(r)).toBe(c.network);
  });
  it.each(ip.forwarded.map((c: { id: string }) => [c.id, c]))('forwarded %s', (_id, c) => {
    expect(
      resolveClientAddress({
        peerAddress: c.peer,
        forwardedFor: c.forwardedFor,
        trustedProxies: createAddressSet(c.trusted),
      }) ?? 'invalid',
    ).toBe(c.expect);
  });
});
