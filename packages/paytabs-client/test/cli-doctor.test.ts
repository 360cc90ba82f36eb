import { systemClock } from '@nestcms/circuit-breaker';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Check } from '../src/cli/doctor/check.js';
import { type DoctorParts, makeDoctor } from '../src/cli/doctor/doctor.js';
import { regions } from '../src/index.js';
import { type Simulator, type SimulatorProfile, startSimulator } from '../src/testing/index.js';
import { type CliRun, closedUrl, runCommand, serve, serveSelfSigned } from './with-cli.js';
import { paidSale, startPair } from './with-simulator.js';

const profile = (profileId: number, more: Partial<SimulatorProfile> = {}): SimulatorProfile => ({
  profileId,
  serverKey: `S${profileId}ABCD-EFGHJKLMNP-QRSTUVWXYZ`,
  clientKey: 'CAAAAA-BBBBBB-CCCCCC-DDDDDD',
  merchantId: 1,
  ...more,
});
const emirates = profile(11111, { region: 'ARE' });
const egypt = profile(22222, { region: 'EGY', referenceLetters: 'PTE' });

async function startGateway(): Promise<Simulator> {
  const simulator = await startSimulator({ profiles: [emirates, egypt] });
  onTestFinished(() => simulator.stop());
  return simulator;
}

/** Every region that the simulator does not have leads to a port that nobody listens on. */
async function tableOf(simulator: Simulator, more: Record<string, string> = {}) {
  const nowhere = await closedUrl();
  const others = Object.fromEntries(Object.keys(regions).map((code) => [code, nowhere]));
  const [ARE, EGY] = [emirates, egypt].map((each) => simulator.baseUrlOf(each.profileId));
  return { ...others, ARE: ARE ?? '', EGY: EGY ?? '', ...more };
}

interface Asked {
  readonly of?: SimulatorProfile;
  readonly profileId?: number;
  readonly serverKey?: string;
  readonly parts?: Partial<DoctorParts>;
  readonly env?: Record<string, string>;
}

async function doctor(
  args: readonly string[],
  { of = emirates, profileId, serverKey, parts = {}, env = {} }: Asked = {},
): Promise<CliRun & { check: (name: string) => Check }> {
  const lookup = async () => ['203.0.113.7'];
  const command = makeDoctor({ regions, clock: systemClock, lookup, ...parts });
  const key = serverKey ?? of.serverKey;
  const run = await runCommand(command, ['--json', '--timeout', '1', ...args], {
    env: {
      PAYTABS_PROFILE_ID: String(profileId ?? of.profileId),
      PAYTABS_SERVER_KEY: key,
      ...env,
    },
  });
  expect(run.out + run.err).not.toContain(key.trim());
  const check = (name: string) => {
    const found = (JSON.parse(run.out) as { checks: Check[] }).checks.find(
      (each) => each.name === name,
    );
    if (found === undefined) throw new Error(`no check "${name}" in ${run.out}`);
    return found;
  };
  return { ...run, check };
}

describe('doctor', () => {
  it('finds nothing where all is well, and only reads', async () => {
    const simulator = await startGateway();
    const { code, check } = await doctor(['--region', 'ARE'], {
      parts: { regions: await tableOf(simulator) },
    });
    expect(code).toBe(0);
    for (const name of ['key', 'proxy', 'reach', 'clock', 'region', 'profile']) {
      expect(check(name).status).toBe('ok');
    }
    for (const name of ['currency', 'mode', 'callback-address']) {
      expect(check(name).status).toBe('skipped');
    }
    expect(simulator.requests().map(({ path }) => path)).toEqual(['/payment/query']);
    expect(simulator.ledger()).toEqual([]);
  });

  it('says of a key from another region that it is unknown here, and asks nobody else', async () => {
    const simulator = await startGateway();
    const regions = await tableOf(simulator);
    const { code, check } = await doctor(['--region', 'ARE'], { of: egypt, parts: { regions } });
    expect(code).toBe(1);
    expect(check('region')).toMatchObject({
      status: 'failed',
      todo: expect.stringContaining('--try-regions'),
    });
    expect(check('profile').status).toBe('skipped');
    expect(simulator.requests()).toHaveLength(2);
  });

  it('finds the region of the key when it may, says so before, and leaves partners out', async () => {
    const simulator = await startGateway();
    let partnerAsked = 0;
    const partner = await serve((_, response) => {
      partnerAsked += 1;
      response.end();
    });
    const more = { MADFOAT: partner.url, CUZDAN: partner.url };
    const { code, check, err } = await doctor(['--region', 'qat', '--try-regions'], {
      of: egypt,
      parts: { regions: await tableOf(simulator, { QAT: simulator.baseUrl, ...more }) },
    });
    expect(code).toBe(1);
    expect(err).toMatch(/^Asking with this key at .*EGY/);
    expect(err).not.toMatch(/MADFOAT|CUZDAN|QAT/);
    expect(check('region')).toMatchObject({
      says: 'The key belongs to region EGY.',
      todo: 'Use --region EGY.',
    });

    const unknown = await doctor(['--region', 'ARE', '--try-regions'], {
      serverKey: 'SUNKNOWN00-UNKNOWN000-UNKNOWN000',
      parts: { regions: await tableOf(simulator, more) },
    });
    expect(unknown.check('region').says).toContain('no other region does');
    expect(partnerAsked).toBe(0);
  });

  it('tells a wrong profile from a wrong region, also when both are wrong', async () => {
    const simulator = await startGateway();
    const parts = { regions: await tableOf(simulator) };
    const { code, check } = await doctor(['--region', 'EGY'], { of: egypt, profileId: 9, parts });
    expect(code).toBe(1);
    expect(check('region').status).toBe('ok');
    expect(check('profile')).toMatchObject({
      status: 'failed',
      says: 'The host knows the key, but not for profile 9.',
    });
    const both = await doctor(['--region', 'ARE', '--try-regions'], {
      of: egypt,
      profileId: 9,
      parts,
    });
    expect(both.check('region').says).toBe(
      'The key belongs to region EGY, though not to profile 9.',
    );
  });

  it('passes on what else the gateway has against a query', async () => {
    const simulator = await startGateway();
    const body = { code: 2, message: 'Profile is closed', trace: 'PMNT0101.6A000001.00000A01' };
    simulator.faults.add({ kind: 'reply', route: 'query', status: 400, body });
    const { code, check } = await doctor(['--base-url', simulator.baseUrl]);
    expect(code).toBe(1);
    expect(check('reach').status).toBe('ok');
    expect(check('region').says).toContain('code 2: Profile is closed');
    expect(check('profile').status).toBe('skipped');
  });

  it.each([
    ['CABCDE-ABCDEF-ABCDEF-ABCDEF', 'client key'],
    ['Bearer SABCDEFGHI-ABCDEFGHIJ-ABCDEFGHIJ', 'scheme'],
    ['"SABCDEFGHI-ABCDEFGHIJ-ABCDEFGHIJ"', 'quotes'],
    ['SABCDEFGHI ABCDEFGHIJ-ABCDEFGHIJ', 'white space within'],
    ['SABCDEFGHI-ABCDEFGHIJ', '2 groups of 10, 10 characters'],
  ])('sends nothing with a key such as %s', async (serverKey, says) => {
    const simulator = await startGateway();
    const { code, check } = await doctor(['--base-url', simulator.baseUrl], { serverKey });
    expect(code).toBe(1);
    expect(check('key')).toMatchObject({ status: 'failed', says: expect.stringContaining(says) });
    expect(check('reach').status).toBe('skipped');
    expect(simulator.requests()).toEqual([]);
  });

  it.each([
    [` ${emirates.serverKey}\n`, 'white space around'],
    ['SABCDE-ABCDEF-ABCDEF', '3 groups of 6, 6, 6'],
  ])('warns of a key of an unusual form', async (serverKey, says) => {
    const simulator = await startGateway();
    const { check } = await doctor(['--base-url', simulator.baseUrl], { serverKey });
    expect(check('key')).toMatchObject({ status: 'warning', says: expect.stringContaining(says) });
    expect(simulator.requests().length).toBeGreaterThan(0);
  });
});

describe('doctor with a currency', () => {
  it('has one page made, which is never paid', async () => {
    const simulator = await startGateway();
    const { code, check } = await doctor([
      '--base-url',
      simulator.baseUrl,
      '--currency',
      'kwd',
      '--expect',
      'test',
    ]);
    expect(code).toBe(0);
    expect(check('currency')).toMatchObject({ status: 'ok', says: 'The profile takes KWD.' });
    expect(check('mode')).toMatchObject({ status: 'ok', says: 'It is a test profile.' });
    const [entry, ...more] = simulator.ledger();
    expect(entry).toMatchObject({ cartId: expect.stringMatching(/^paytabs-doctor-/) });
    expect(more).toEqual([]);
    expect(simulator.issuerLog()).toEqual([]);
  });

  it.each([
    [206, 'failed', 'does not have AED (code 206)'],
    [325, 'warning', 'not as little as 1 (code 325)'],
    [2, 'failed', 'is not clear'],
  ])('that is answered with code %i', async (code, status, says) => {
    const simulator = await startGateway();
    const body = { code, message: 'No', trace: 'PMNT0101.6A000001.00000A01' };
    simulator.faults.add({ kind: 'reply', route: 'request', status: 400, body, when: 'before' });
    const { check } = await doctor(['--base-url', simulator.baseUrl, '--currency', 'AED']);
    expect(check('currency')).toMatchObject({ status, says: expect.stringContaining(says) });
    expect(check('mode').status).toBe('skipped');
  });

  it('finds a live profile where test is expected, and the other way round', async () => {
    const simulator = await startGateway();
    const live = await doctor(
      ['--base-url', simulator.baseUrlOf(22222), '--currency', 'EGP', '--expect', 'test'],
      { of: egypt },
    );
    expect(live.code).toBe(1);
    expect(live.check('mode').says).toBe('It is a live profile, though test is expected.');
    const test = await doctor([
      '--base-url',
      simulator.baseUrl,
      '--currency',
      'AED',
      '--expect',
      'live',
    ]);
    expect(test.check('mode').status).toBe('failed');
  });

  it('can tell the mode by a transaction that there is, without making one', async () => {
    const pair = await startPair();
    const { tranRef } = await paidSale(pair);
    const { baseUrl, profile: of } = pair.simulator;
    const asked = ['--base-url', baseUrl, '--expect', 'live', '--tran-ref'];
    const known = await doctor([...asked, tranRef], { of });
    expect(known.check('mode')).toMatchObject({ status: 'failed' });
    expect(known.check('currency').status).toBe('skipped');
    const unknown = await doctor([...asked, 'TST2600100000001'], { of });
    expect(unknown.check('mode').says).toContain('could not be read');
    expect(pair.simulator.ledger()).toHaveLength(1);
  });
});

describe('doctor tells why a host cannot be reached:', () => {
  it('nothing listens', async () => {
    const { code, check } = await doctor(['--base-url', await closedUrl()]);
    expect(code).toBe(1);
    expect(check('reach').says).toContain('refused (ECONNREFUSED)');
    expect(check('region').status).toBe('skipped');
  });

  it('DNS does not know it', async () => {
    const { check } = await doctor(['--base-url', 'https://gateway.invalid']);
    expect(check('reach').says).toContain('DNS does not know gateway.invalid');
  });

  it('its certificate is not to be trusted', async () => {
    const url = await serveSelfSigned((_, response) => response.end('{}'));
    const { check } = await doctor(['--base-url', url]);
    expect(check('reach').says).toMatch(/TLS with localhost:\d+ failed \(DEPTH_ZERO_SELF/);
  });

  it('no TLS is spoken there', async () => {
    const { url } = await serve((_, response) => response.end('{}'));
    const { check } = await doctor(['--base-url', url.replace('http:', 'https:')]);
    expect(check('reach').says).toContain('TLS with');
  });

  it('the connection is taken and never answered', async () => {
    const simulator = await startGateway();
    simulator.faults.add({ kind: 'hang' });
    const { check } = await doctor(['--base-url', simulator.baseUrl, '--timeout', '0.1']);
    expect(check('reach').says).toContain('gave no answer in time');
  });

  it('the connection breaks off', async () => {
    const simulator = await startGateway();
    simulator.faults.add({ kind: 'reset' });
    const { check } = await doctor(['--base-url', simulator.baseUrl]);
    expect(check('reach').says).toContain('broke off');
  });

  it.each([
    [403, 'is not the gateway (HTTP 403'],
    [502, 'in trouble'],
  ])('a page of something in between, with %i', async (status, says) => {
    const simulator = await startGateway();
    simulator.faults.add({ kind: 'html', status, when: 'before' });
    const { check } = await doctor(['--base-url', simulator.baseUrl]);
    expect(check('reach').says).toContain(says);
  });

  it('a pause is asked for', async () => {
    const simulator = await startGateway();
    simulator.faults.add({ kind: 'tooMany', retryAfterSeconds: 3 });
    const { check } = await doctor(['--base-url', simulator.baseUrl]);
    expect(check('reach').says).toContain('asks for a pause');
  });

  it('the proxy refuses, or is not there; its password is not shown', async () => {
    const proxy = await serve((_, response) => response.end());
    proxy.server.on('connect', (_, socket) =>
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
    );
    const viaProxy = async (url: string) => {
      const run = await doctor(['--base-url', 'https://gateway.invalid'], {
        env: { PAYTABS_PROXY: url.replace('://', '://me:secret-word@') },
      });
      expect(run.out + run.err).not.toContain('secret-word');
      return run.check('reach');
    };
    expect((await viaProxy(proxy.url)).says).toContain('The proxy answered 407');
    expect((await viaProxy(await closedUrl())).says).toContain(
      'connection to the proxy was refused',
    );
  });

  it('a proxy in the environment is not gone by', async () => {
    const simulator = await startGateway();
    const env = { HTTPS_PROXY: 'http://me:secret-word@proxy:3128' };
    const { code, check, out } = await doctor(['--base-url', simulator.baseUrl], { env });
    expect(code).toBe(0);
    expect(check('proxy')).toMatchObject({ status: 'warning' });
    expect(out).not.toContain('secret-word');
  });
});

describe('doctor compares the clock of the machine:', () => {
  it.each([
    [0, 'ok', 'goes with'],
    [20_000, 'warning', '20 s ahead of'],
    [-300_000, 'failed', '300 s behind'],
  ])('%i ms off is %s', async (offMs, status, says) => {
    const simulator = await startGateway();
    const clock = {
      now: () => systemClock.now(),
      wallTime: () => systemClock.wallTime() + offMs,
      setTimer: systemClock.setTimer.bind(systemClock),
    };
    const { check } = await doctor(['--base-url', simulator.baseUrl], { parts: { clock } });
    expect(check('clock')).toMatchObject({ status, says: expect.stringContaining(says) });
  });
});

describe('the command line of doctor', () => {
  it('prints a line for each check', async () => {
    const simulator = await startGateway();
    const env = { PAYTABS_SERVER_KEY: emirates.serverKey };
    const args = ['--profile-id', '11111', '--base-url', simulator.baseUrl];
    const { code, out } = await runCommand(makeDoctor(), args, { env });
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines[0]).toBe(
      'ok       key               It is a server key of 3 groups of 10, 10, 10 characters.',
    );
    expect(lines).toHaveLength(11);
  });

  it.each([
    [['--expect', 'live'], '--expect needs'],
    [['--expect', 'both', '--currency', 'AED'], 'test or live'],
    [['--currency', 'XYZ'], 'ISO 4217'],
    [['--callback', 'ftp://shop'], '--callback must be'],
    [['--timeout', 'soon'], '--timeout must be'],
    [['--try-regions'], '--try-regions needs --region'],
    [['SABCDEFGHI-ABCDEFGHIJ-ABCDEFGHIJ'], 'an argument too many'],
    [['--nope'], "Unknown option '--nope'"],
    [['--base-url', 'http://me:word@gateway.example'], '--base-url: must be an https URL'],
  ])('refuses %j', async (args, says) => {
    const env = { PAYTABS_SERVER_KEY: emirates.serverKey, PAYTABS_PROFILE_ID: '1' };
    const base = args.includes('--base-url') ? [] : ['--base-url', 'http://127.0.0.1:1'];
    const { code, err } = await runCommand(makeDoctor(), [...base, ...args], { env });
    expect(code).toBe(2);
    expect(err).toContain(says);
    expect(err).not.toMatch(/SABCDEFGHI|me:word/);
  });

  it('ends early, and not as if all were well, once it is stopped', async () => {
    const simulator = await startGateway();
    const stopping = new AbortController();
    const env = { PAYTABS_SERVER_KEY: emirates.serverKey, PAYTABS_PROFILE_ID: '11111' };
    const args = ['--base-url', simulator.baseUrl];
    const { code, out } = await runCommand(makeDoctor(), args, {
      env,
      signal: stopping.signal,
      onPrint: () => stopping.abort(),
    });
    expect(code).toBe(1);
    expect(out.split('\n')).toHaveLength(1);
  });
});
