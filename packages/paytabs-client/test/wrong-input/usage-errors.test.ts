import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { startCli } from '../with-cli.js';

const key = 'SJKLMNOPQR-JKLMNOPQRS-JKLMNOPQRS';
const profile = { PAYTABS_PROFILE_ID: '98765', PAYTABS_SERVER_KEY: key };
const shop = ['--forward-to', 'http://127.0.0.1:1/callback'];

async function firstLine(argv: readonly string[], env: Readonly<Record<string, string>>) {
  const run = startCli(argv, { commands, env });
  return { code: await run.code, line: run.err.join('\n').split('\n')[0] };
}

describe('a wrong command line', () => {
  it.each([
    [['doctor'], {}, 'Say which profile: --profile-id or $PAYTABS_PROFILE_ID'],
    [['doctor'], profile, /^Say where the profile lives: --region/],
    [['trigger', 'declined'], profile, 'Say where your shop takes it: --forward-to URL'],
    [
      ['doctor', '--base-url', 'http://pay.example.com'],
      profile,
      /^--base-url: must be an https URL/,
    ],
    [
      ['listen', ...shop, '--region', 'ARE'],
      { ...profile, PAYTABS_SERVER_KEY: 'nonsense' },
      /^\$PAYTABS_SERVER_KEY: must be three groups/,
    ],
  ])('is told in the words of the command line: %j', async (argv, env, said) => {
    const { code, line } = await firstLine(argv, env);
    expect(code).toBe(2);
    expect(line).toMatch(said);
  });

  it('shows the usage of a command by help, too', async () => {
    const run = startCli(['help', 'doctor'], { commands });
    expect(await run.code).toBe(0);
    expect(run.out.join()).toContain('paytabs doctor [options]');
  });
});
