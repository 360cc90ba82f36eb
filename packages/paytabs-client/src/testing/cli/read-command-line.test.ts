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
  ])('refuses %j', (args) => {
    expect(() => readCommandLine(args)).toThrow(UsageError);
  });
});
