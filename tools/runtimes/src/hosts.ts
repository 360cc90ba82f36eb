import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runInBrowserContext } from './browser-context.ts';
import type { Checked } from './checked.ts';
import { runInChromium } from './chromium.ts';
import { NotHere } from './not-here.ts';
import { installed } from './npm-cache.ts';
import { type AlsoCheck, type Compatibility, runInWorkerd } from './workerd.ts';

/** Where a program is. */
export interface PlacedProgram {
  /** The bundle as one script, of a program for browsers. */
  readonly script: string | undefined;
  /** A folder with it as the module `program.mjs`, and `main.mjs`, which runs it and prints what it gives as JSON. */
  readonly folder: string;
}

/** A runtime: gives its version and what the checks gave. Throws `NotHere` if it cannot be had. */
export interface Host {
  readonly name: string;
  run(program: PlacedProgram): Promise<{ readonly version: string; readonly checked: Checked[] }>;
}

const output = async (file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const { stdout } = await promisify(execFile)(file, args, {
    timeout: 120_000,
    maxBuffer: 64 * 1_048_576,
    env: { ...process.env, ...env },
  });
  return stdout.trim();
};

const fetched = (name: string, version: string): Promise<string> =>
  installed(name, version).catch((error: Error) => {
    throw new NotHere(`npm could not install ${name}@${version}: ${error.message.split('\n')[0]}`);
  });

const checkedIn = (stdout: string): Checked[] => JSON.parse(stdout) as Checked[];

const scriptOf = ({ script }: PlacedProgram): string => {
  if (script === undefined) throw new TypeError('The program is for Node.');
  return script;
};

export const nodeHost = (): Host => ({
  name: 'Node',
  run: async ({ folder }) => ({
    version: process.versions.node,
    checked: checkedIn(await output(process.execPath, [join(folder, 'main.mjs')])),
  }),
});

export const bunHost = (): Host => ({
  name: 'Bun',
  run: async ({ folder }) => {
    const bun = join(await fetched('bun', '1.4.5'), 'node_modules/.bin/bun');
    const checked = checkedIn(await output(bun, [join(folder, 'main.mjs')]));
    return { version: await output(bun, ['--version']), checked };
  },
});

export const denoHost = (): Host => ({
  name: 'Deno',
  run: async ({ folder }) => {
    const cache = await fetched('deno', '2.9.6');
    const deno = join(cache, 'node_modules/.bin/deno');
    const env = { DENO_DIR: join(cache, 'deno'), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' };
    // It may ask for nothing.
    const flags = ['run', '--no-prompt', '--no-config', '--no-lock', '--no-remote'];
    const checked = checkedIn(await output(deno, [...flags, join(folder, 'main.mjs')], env));
    const [, version = '?'] = (await output(deno, ['--version'], env)).split(/\s+/);
    return { version, checked };
  },
});

export const workerdHost = (
  name: string,
  compatibility: Compatibility,
  alsoCheck: readonly AlsoCheck[] = [],
): Host => ({
  name,
  run: async ({ folder }) => {
    const binary = join(await fetched('workerd', '1.20261117.1'), 'node_modules/.bin/workerd');
    const checked = await runInWorkerd(binary, folder, compatibility, alsoCheck);
    const [, version = '?'] = (await output(binary, ['--version'])).split(' ');
    return { version, checked };
  },
});

export const browserContextHost = (): Host => ({
  name: 'browser bundle in node:vm',
  run: async (program) => ({
    version: process.versions.v8,
    checked: await runInBrowserContext(scriptOf(program)),
  }),
});

export const chromiumHost = (): Host => ({
  name: 'Chromium',
  run: (program) => runInChromium(() => fetched('playwright-core', '1.65.1'), scriptOf(program)),
});
