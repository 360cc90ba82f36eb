import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatAddressRule, parseAddressRule } from '../src/address/address-rule.js';
import { readAddress } from '../src/address/read-address.js';
import { createAddressSet, resolveClientAddress } from '../src/index.js';
import {
  runWebhookCase,
  runWebhookSequence,
  type WebhookCase,
  type WebhookSequence,
} from './vector-runner.js';
import { vectorSchemes } from './vector-schemes.js';

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8')) as T;
}

describe('webhooks.json', () => {
  const { cases, sequences } = read<{ cases: WebhookCase[]; sequences: WebhookSequence[] }>(
    'webhooks.json',
  );

  it('knows every scheme of the file', () => {
    const schemes = new Set([...cases, ...sequences].map(({ scheme }) => scheme));
    expect([...schemes].filter((scheme) => !(scheme in vectorSchemes))).toEqual([]);
  });

  it.each(cases)('$id', async (one) => {
    expect(await runWebhookCase(one)).toEqual({ expect: one.expect, reason: one.reason });
  });

  it.each(sequences)('sequence $id', async (sequence) => {
    expect(await runWebhookSequence(sequence)).toEqual(
      sequence.steps.map(({ expect, reason }) => ({ expect, reason })),
    );
  });
});

interface IpVectors {
  readonly membership: { id: string; rules: string[]; address: unknown; expect: string }[];
  readonly cidrs: { id: string; rule: string; expect: string; network?: string }[];
  readonly forwarded: {
    id: string;
    peer: string;
    forwardedFor: string[];
    trusted: string[];
    expect: string;
  }[];
}

describe('ip.json', () => {
  const { membership, cidrs, forwarded } = read<IpVectors>('ip.json');

  it.each(membership)('member: $id', ({ address, rules, expect: expected }) => {
    const isAddress = readAddress(address) !== undefined;
    expect(isAddress).toBe(expected !== 'invalid');
    expect(createAddressSet(rules).has(address)).toBe(expected === 'member');
  });

  it.each(cidrs.filter((one) => one.expect === 'valid'))('rule: $id', ({ rule, network }) => {
    const range = parseAddressRule(rule);
    expect(range && formatAddressRule(range)).toBe(network);
  });

  it.each(cidrs.filter((one) => one.expect === 'invalid'))('no rule: $id', ({ rule }) => {
    expect(parseAddressRule(rule)).toBeUndefined();
    expect(() => createAddressSet([rule])).toThrow(/^rules\[0\] is /);
  });

  it.each(forwarded)('forwarded: $id', ({ peer, forwardedFor, trusted, expect: expected }) => {
    const client = resolveClientAddress({
      peerAddress: peer,
      forwardedFor,
      trustedProxies: createAddressSet(trusted),
    });
    expect(client ?? 'invalid').toBe(expected);
  });
});
