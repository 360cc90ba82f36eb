import { describe, expect, it } from 'vitest';
import { readCommandLine, UsageError } from './read-command-line.js';

describe('the command line of the simulator', () => {
  it('has defaults for everything', () => {
    expect(readCommandLine([])).toMatchObject({
      port: 4010,
      profiles: [{ profileId: 98765 }],
      mode: 'person',
      allowLocalCallback: false,
      seed: 1,
    });
  });

  it('takes every option, also after the separator that pnpm passes on', () => {
    const key = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';
    const args = ['--', '--port', '0', '--profile-id', '7', '--server-key', key];
    expect(
      readCommandLine([...args, '--mode', 'decline', '--allow-local-callback', '--seed', '9']),
    ).toMatchObject({
      port: 0,
      profiles: [{ profileId: 7, serverKey: key }],
      mode: 'decline',
      allowLocalCallback: true,
      seed: 9,
    });
  });

  it('takes an IPN address and any option that is a word or a number', () => {
    const ipn = 'http://127.0.0.1:3000/ipn';
    const pairs = [
      'refunds=approval',
      'queryDelayMs=500',
      'goEscapes=false',
      'callbackDuplicates=0.5',
    ];
    expect(
      readCommandLine(['--ipn', ipn, ...pairs.flatMap((pair) => ['--set', pair])]),
    ).toMatchObject({
      profiles: [{ ipn: { url: ipn } }],
      refunds: 'approval',
      queryDelayMs: 500,
      goEscapes: false,
      callbackDuplicates: 0.5,
    });
  });

  it('shows its help', () => {
    expect(readCommandLine(['--help'])).toBe('help');
  });

  it.each([
    [['--nope']],
    [['extra']],
    [['--port', '70000']],
    [['--port', 'x']],
    [['--seed', '-1']],
    [['--mode', 'maybe']],
    [['--ipn', 'nowhere']],
    [['--set', 'refunds=never']],
    [['--set', 'queryDelayMs=-1']],
    [['--set', 'callbackDuplicates=2']],
    [['--set', 'profiles=1']],
    [['--set', 'toString=1']],
    [['--set', 'refunds']],
  ])('refuses %j', (args) => {
    expect(() => readCommandLine(args)).toThrow(UsageError);
  });
});
