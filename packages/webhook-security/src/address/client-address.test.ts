import { describe, expect, it } from 'vitest';
import { createAddressSet } from './address-set.js';
import { resolveClientAddress } from './client-address.js';

const trustedProxies = createAddressSet(['10.0.0.0/8', '2001:db8::/32']);

const clientOf = (...forwardedFor: readonly (string | undefined)[]) =>
  resolveClientAddress({ peerAddress: '10.0.0.1', forwardedFor, trustedProxies });

describe('resolveClientAddress', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['10.0.0.1:80', undefined],
    [undefined, undefined],
  ])('writes the peer %j as %j', (peerAddress, client) => {
    expect(resolveClientAddress({ peerAddress, forwardedFor: [], trustedProxies })).toBe(client);
  });

  it('does not look at what a peer that is no trusted proxy forwards', () => {
    for (const line of ['1.2.3.4', 'nonsense', undefined]) {
      const request = { peerAddress: '9.9.9.9', forwardedFor: [line], trustedProxies };
      expect(resolveClientAddress(request)).toBe('9.9.9.9');
    }
  });

  it('knows no client without a peer, whatever the set says of it', () => {
    const request = {
      peerAddress: undefined,
      forwardedFor: ['1.2.3.4'],
      trustedProxies: { has: () => true },
    };
    expect(resolveClientAddress(request)).toBeUndefined();
  });

  it.each([
    [['1.2.3.4'], '1.2.3.4'],
    [['5.6.7.8, 1.2.3.4'], '1.2.3.4'],
    [['nonsense,1.2.3.4,10.0.0.2'], '1.2.3.4'],
    [['5.6.7.8', '1.2.3.4', '10.0.0.2'], '1.2.3.4'],
    [['10.0.0.3', '10.0.0.2'], '10.0.0.3'],
    [['1.2.3.4', ''], '1.2.3.4'],
    [[',10.0.0.2'], '10.0.0.2'],
    [[', ,\t'], '10.0.0.1'],
    [['1.2.3.4', undefined], undefined],
    [[undefined, '1.2.3.4'], '1.2.3.4'],
    [[undefined], undefined],
    [['1.2.3.4, nonsense'], undefined],
  ])('goes through %j from the right, as far as %j', (lines, client) => {
    expect(clientOf(...lines)).toBe(client);
  });

  it.each([
    [' \t1.2.3.4\t ', '1.2.3.4'],
    ['\n1.2.3.4', undefined],
    ['1.2.3.4\u00a0', undefined],
    ['1.2.3.4:80', '1.2.3.4'],
    ['1.2.3.4:65535', '1.2.3.4'],
    ['1.2.3.4:65536', undefined],
    ['1.2.3.4:', undefined],
    ['1.2.3.4:080', undefined],
    ['1.2.3.4:http', undefined],
    ['1.2.3.4:80:80', undefined],
    [':80', undefined],
    ['2001:DB9::1', '2001:db9::1'],
    ['[2001:db9::1]', '2001:db9::1'],
    ['[2001:db9::1]:443', '2001:db9::1'],
    ['[::ffff:1.2.3.4]:443', '1.2.3.4'],
    ['[2001:db9::1]:', undefined],
    ['[2001:db9::1]:65536', undefined],
    ['[2001:db9::1]443', undefined],
    ['[2001:db9::1].443', undefined],
    ['[2001:db9::1', undefined],
    ['[1.2.3.4]', undefined],
    ['[]', undefined],
    ['[', undefined],
  ])('reads the entry %j as %j', (entry, client) => {
    expect(clientOf(entry)).toBe(client);
  });
});
