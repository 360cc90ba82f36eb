import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeTrigger } from '../../src/cli/trigger/trigger.js';
import { runCommand, serve } from '../with-cli.js';

const key = 'SJKLMNOPQR-JKLMNOPQRS-JKLMNOPQRS';
const env = { PAYTABS_PROFILE_ID: '98765', PAYTABS_SERVER_KEY: key };

describe('a key in the wrong place', () => {
  it.each([
    [[key]],
    [['declined', '--currency', key]],
    [['declined', '--amount', key]],
    [['declined', '--set', key]],
    [['declined', '--set', `${key}:=[`]],
    [['declined', '--cart', key]],
    [['declined', '--tran-ref', key]],
    [['declined', '--client-key', key, '--print']],
  ])('is not shown by trigger %j', async (args) => {
    const { url } = await serve((_request, response) => response.writeHead(200).end());
    const { out, err } = await runCommand(makeTrigger(), [...args, '--forward-to', url], { env });
    expect(out + err).toContain('[key]');
    expect(out + err).not.toContain('JKLMNOPQR');
  });

  it.each([[[key]], [[`--${key}`]], [['--set', `${key}=1`]]])(
    'is not shown by the simulator %j',
    async (args) => {
      const sources = new URL('../../../../tools/start/lib/sources.mjs', import.meta.url);
      const main = fileURLToPath(new URL('../../src/testing/simulator-cli.ts', import.meta.url));
      const node = ['--conditions=@nestcms/source', '--import', sources.href, main, ...args];
      const err = await new Promise<string>((resolve) => {
        execFile(process.execPath, node, (_error, _out, text) => resolve(text));
      });
      expect(err).toContain('[key]');
      expect(err).not.toContain('JKLMNOPQR');
    },
  );
});
