import { describe, expect, it } from 'vitest';
import type { Command, CommandIo } from './command.js';
import { gatewayFlags, readGatewaySettings } from './gateway-settings.js';
import { readFlags } from './read-flags.js';
import { runCli } from './run-cli.js';
import { UsageError } from './usage-error.js';

const greet: Command = {
  name: 'greet',
  summary: 'says hello',
  usage: 'paytabs greet NAME',
  run: async ([name], io) => {
    if (name === undefined) throw new UsageError('Say whom to greet');
    io.print(`hello ${name}`);
    return 0;
  },
};

const flags: Command = {
  name: 'flags',
  summary: 'reads where the gateway is',
  usage: 'paytabs flags',
  run: async (args, io) => {
    readGatewaySettings(readFlags(args, gatewayFlags), io.env);
    return 0;
  },
};

async function run(...argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io: CommandIo = {
    print: (line) => out.push(line),
    warn: (line) => err.push(line),
    env: { PAYTABS_PROFILE_ID: '1', PAYTABS_SERVER_KEY: 'S' },
    signal: new AbortController().signal,
  };
  return { code: await runCli(argv, io, [greet, flags]), out: out.join('\n'), err: err.join('\n') };
}

describe('the command line', () => {
  it('runs a command with its arguments', async () => {
    expect(await run('greet', 'world')).toEqual({ code: 0, out: 'hello world', err: '' });
    expect(await run('--', 'greet', 'world')).toMatchObject({ code: 0 });
  });

  it('lists its commands and shows the usage of each', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('says hello'),
    });
    expect(await run('greet', '--help')).toEqual({ code: 0, out: 'paytabs greet NAME', err: '' });
  });

  it.each([
    [['SJKLMNOPQR-JKLMNOPQRS-JKLMNOPQRS']],
    [['mongodb://me:s3cret@host/shop']],
    [['flags', '--SJKLMNOPQR-JKLMNOPQRS-JKLMNOPQRS']],
    [['flags', '--region', 'SJKLMNOPQR-JKLMNOPQRS-JKLMNOPQRS']],
    [['flags', 'SJKLMNOPQR-JKLMNOPQRS-JKLMNOPQRS']],
  ])('shows no key and no password in the wrong place: %j', async (argv) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).not.toMatch(/JKLMNOPQR|s3cret/);
  });

  it('says what is wrong with exit code 2', async () => {
    expect(await run()).toMatchObject({ code: 2 });
    expect(await run('nope')).toMatchObject({ code: 2, err: expect.stringContaining('"nope"') });
    expect(await run('greet')).toMatchObject({ code: 2, err: expect.stringContaining('whom') });
  });
});
