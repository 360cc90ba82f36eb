import { describe, expect, it } from 'vitest';
import { createAddressSet, isWebhookSecurityError, resolveClientAddress } from '../src/index.js';
import { callback, notice, verifierWith } from './requests.js';
import { cpuMsOf } from './support/cpu-ms.js';
import { told } from './support/signed.js';

const everything = createAddressSet(['0.0.0.0/0', '::/0']);

/** What it is: an address of a request, a rule, or neither. */
const readAs = (text: string) => {
  const uses = everything.has(text) ? ['address'] : [];
  try {
    createAddressSet([text]);
    uses.push('rule');
  } catch (error) {
    if (!isWebhookSecurityError(error, 'INVALID_OPTION')) throw error;
  }
  return uses;
};

const admits = (rule: string, address: unknown) => createAddressSet([rule]).has(address);

describe('trap: an address', () => {
  it.each([
    '010.0.0.1',
    '0177.0.0.1',
    '127.000.0.1',
    '10.0.0.01',
    '00.0.0.0',
    '0x7f.0.0.1',
    '0x7f000001',
    '0x7f.1',
    '127.1',
    '10.1',
    '167772161',
    '017700000001',
  ])('is read as octal, hexadecimal or shortened (CVE-2021-28918, CVE-2023-42282): %s', (text) => {
    expect(readAs(text)).toEqual([]);
  });

  it.each([
    '1e1.0.0.1',
    '1_0.0.0.1',
    '+10.0.0.1',
    '-10.0.0.1',
    '10.0.0.1.',
    '.10.0.0.1',
    '10..0.1',
    ' 10.0.0.1',
    '10.0.0.1 ',
    '10.0.0.1\n',
    '256.0.0.1',
    '10.0.0.\uff11',
    '١٠.0.0.1',
  ])('has octets that are made numbers by Number(): %j', (text) => {
    expect(readAs(text)).toEqual([]);
  });

  it('is IPv4 in the clothes of IPv6, and passes by the rules for IPv4 (CVE-2026-39409)', () => {
    for (const mapped of ['::ffff:10.0.0.1', '::FFFF:a00:1', '0:0:0:0:0:ffff:10.0.0.1']) {
      expect([mapped, admits('10.0.0.0/8', mapped)]).toEqual([mapped, true]);
      expect([mapped, admits('::/0', mapped)]).toEqual([mapped, false]);
    }
    expect(admits('::ffff:10.0.0.0/104', '10.0.0.1')).toBe(true);
  });

  it('only looks like IPv4 in the clothes of IPv6', () => {
    for (const other of [
      '::10.0.0.1',
      '64:ff9b::10.0.0.1',
      '2002:a00:1::',
      '::ffff:0:10.0.0.1',
      '::fffe:10.0.0.1',
    ]) {
      expect([other, admits('10.0.0.0/8', other)]).toEqual([other, false]);
      expect([other, admits('::/0', other)]).toEqual([other, true]);
    }
  });

  it.each([
    '10.0.0.1\0.evil',
    '10.0.0.1\0',
    'fe80::1%eth0',
    'fe80::1%',
    'fe80::1%25eth0/../x',
    '::1%lo',
    '10.0.0.1%eth0',
    '[::1]',
    '::1::',
    ':::1',
    '1:2:3:4:5:6:7:8:9',
    '12345::1',
  ])('has something behind it that is not looked at: %j', (text) => {
    expect(readAs(text)).toEqual([]);
  });

  it('is no text at all', () => {
    const { NaN: none } = Number;
    for (const value of [undefined, null, none, 0, 167_772_161, ['10.0.0.1'], {}]) {
      expect(everything.has(value as string)).toBe(false);
    }
  });

  it('is like another one as a text', () => {
    for (const other of ['10.0.0.10', '10.0.0.123', '110.0.0.1', '10.0.0.1.example.com']) {
      expect([other, admits('10.0.0.1', other)]).toEqual([other, false]);
    }
    expect(admits('10.0.0.0/24', '10.0.01.1')).toBe(false);
    expect(admits('2001:db8::1', '2001:db8::10')).toBe(false);
    expect(admits('2001:db8::1', '2001:0DB8:0:0:0:0:0:1')).toBe(true);
  });
});

describe('trap: a rule', () => {
  it.each(['08', '', ' 8', '8 ', '1e1', '+8', '-1', '0x8', '33', '8.0', '8/8', '255.0.0.0', 'NaN'])(
    'has a length that is made a number by Number(): /%s',
    (length) => {
      const make = () => createAddressSet([`10.0.0.0/${length}`]);
      expect(make).toThrow(/allowed: an IPv4/);
    },
  );

  it('of one address admits all', () => {
    expect(admits('10.0.0.1/32', '10.0.0.1')).toBe(true);
    expect(admits('10.0.0.1/32', '10.0.0.2')).toBe(false);
    expect(admits('10.0.0.1/32', '11.0.0.1')).toBe(false);
    expect(admits('::1/128', '::1')).toBe(true);
    expect(admits('::1/128', '::2')).toBe(false);
  });

  it('is compared by its last octet', () => {
    expect(admits('10.0.0.0/23', '10.0.1.0')).toBe(true);
    expect(admits('10.0.0.0/23', '10.0.2.0')).toBe(false);
    expect(admits('10.0.254.0/23', '10.0.255.1')).toBe(true);
    expect(admits('10.0.254.0/23', '10.1.255.1')).toBe(false);
    expect(admits('2001:db8:0:1::/64', '2001:db8:0:1:ffff::')).toBe(true);
    expect(admits('2001:db8:0:1::/64', '2001:db8:0:2::')).toBe(false);
  });

  it('with bits behind its length means another network than it says', () => {
    for (const rule of ['10.0.0.1/8', '10.0.0.1/31', '2001:db8::1/64', '::ffff:10.0.0.1/104']) {
      expect(() => createAddressSet([rule])).toThrow(/allowed: an IPv4/);
    }
  });

  it('that is wrong is dropped, and the rest taken', () => {
    expect(() => createAddressSet(['10.0.0.0/8', '192.168.0.0/33'])).toThrow(/\[1\] is "192/);
  });

  it('among many is looked for one by one', () => {
    const networks = Array.from(
      { length: 65_536 },
      (_, index) => `10.${index >> 8}.${index & 255}`,
    );
    const set = createAddressSet(networks.map((network) => `${network}.7`));
    const tookMs = cpuMsOf(() => {
      expect(networks.every((network) => set.has(`${network}.7`))).toBe(true);
      expect(networks.some((network) => set.has(`${network}.8`))).toBe(false);
    });
    // One by one these are four thousand million looks.
    expect(tookMs).toBeLessThan(2_000);
  });
});

describe('trap: X-Forwarded-For', () => {
  const clientOf = (peerAddress: string, forwardedFor: readonly string[], trusted: string[]) =>
    resolveClientAddress({
      peerAddress,
      forwardedFor,
      trustedProxies: createAddressSet(trusted),
    });

  it('is read from its left end, which anybody writes', () => {
    const chain = ['203.0.113.9, 198.51.100.1, 10.0.0.4'];
    expect(clientOf('10.0.0.5', chain, ['10.0.0.0/8'])).toBe('198.51.100.1');
    expect(clientOf('10.0.0.5', ['127.0.0.1, 198.51.100.1'], ['10.0.0.0/8'])).toBe('198.51.100.1');
  });

  it('is read though nobody who is trusted wrote it', () => {
    expect(clientOf('198.51.100.1', ['203.0.113.9'], [])).toBe('198.51.100.1');
    expect(clientOf('198.51.100.1', ['203.0.113.9'], ['10.0.0.0/8'])).toBe('198.51.100.1');
  });

  it('is read by a number of hops, whoever connects', () => {
    for (const trustedProxies of [1, true, '1', 'loopback', ['1'], ['uniquelocal']]) {
      expect(() => verifierWith({ trustedProxies: trustedProxies as never })).toThrow(
        /^trustedProxies/,
      );
    }
    // One proxy is trusted; who comes around it is not believed, however many hops it writes.
    const around = ['203.0.113.9, 203.0.113.9, 10.0.0.4'];
    expect(clientOf('198.51.100.1', around, ['10.0.0.4'])).toBe('198.51.100.1');
  });

  it('is read over several lines as if the first were all', () => {
    const lines = ['203.0.113.9', '198.51.100.1', '10.0.0.4'];
    expect(clientOf('10.0.0.5', lines, ['10.0.0.0/8'])).toBe('198.51.100.1');
  });

  it.each(['unknown', '_hidden', '203.0.113.9:http', '010.0.0.1', 'localhost', '203.0.113.9;'])(
    'holds what is no address, which is passed over: %s',
    (entry) => {
      expect(clientOf('10.0.0.5', [`203.0.113.9, ${entry}`], ['10.0.0.0/8'])).toBeUndefined();
    },
  );

  it('stands in for the address that the rules are about', async () => {
    const allow = ['203.0.113.0/24'];
    const { headers, ...rest } = callback();
    const asked = {
      ...rest,
      headers: [...(headers as [string, string][]), ['x-forwarded-for', '203.0.113.9']],
    } as ReturnType<typeof callback>;
    const from = (peerAddress: string | undefined) => ({ ...asked, peerAddress });
    const plain = verifierWith({ allow });
    expect(told(await plain.verify(from('198.51.100.1')))).toBe('address-refused');
    expect(told(await plain.verify(from(undefined)))).toBe('address-invalid');
    const behind = verifierWith({ allow, trustedProxies: ['10.0.0.0/8'] });
    expect(told(await behind.verify(from('10.0.0.5')))).toBe('accepted');
    expect(told(await behind.verify(from('198.51.100.1')))).toBe('address-refused');
  });

  it.each(['forwarded', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip'])(
    'has relatives that are believed, too: %s',
    async (name) => {
      const verifier = verifierWith({
        allow: ['203.0.113.0/24'],
        trustedProxies: ['10.0.0.0/8'],
      });
      const { headers } = callback();
      const asked = callback(notice, {
        headers: [...(headers as [string, string][]), [name, '203.0.113.9']],
        peerAddress: '10.0.0.5',
      });
      expect(told(await verifier.verify(asked))).toBe('address-refused');
    },
  );
});
