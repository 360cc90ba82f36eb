import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT, publishedPackages } from '../../lib/packages.mjs';
import { run } from './command.js';
import { peerVersions } from './tarballs.js';

export type ModuleSystem = 'module' | 'commonjs';

/** A project of a stranger: the tarballs, their peers, nothing of this workspace. */
export interface ScratchProject {
  readonly type: ModuleSystem;
  /** Runs a script in the project's module system and gives what it prints, read as JSON. */
  evaluate(script: string): Promise<unknown>;
  /** Type-checks a file; gives the errors, none when it is well. Default: the workspace's compiler. */
  typeErrors(source: string, compiler?: 'workspace' | 'oldest'): Promise<string[]>;
  manifestOf(packageName: string): Record<string, unknown>;
  /** Where it was installed. */
  folderOf(packageName: string): string;
}

/** Projects of both module systems, below one folder that all is installed into. */
export async function createScratchProjects(options: {
  folder: string;
  tarballs: Record<string, string>;
  scopeRegistry: string;
}): Promise<Record<ModuleSystem, ScratchProject>> {
  const { folder, tarballs, scopeRegistry } = options;
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const local = Object.fromEntries(
    Object.entries(tarballs).map(([name, file]) => [name, `file:${file}`]),
  );
  write('.npmrc', `@nestcms:registry=${scopeRegistry}\n`);
  write(
    'package.json',
    JSON.stringify({
      name: 'scratch',
      private: true,
      dependencies: {
        ...local,
        ...peerVersions(),
        'oldest-typescript': `npm:typescript@${OLDEST_TYPESCRIPT}`,
      },
      // What one of ours wants of another is the tarball too; npm would look the range up first.
      overrides: Object.fromEntries(Object.keys(local).map((name) => [name, `$${name}`])),
    }),
  );
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
  return {
    module: scratchProject(folder, 'module'),
    commonjs: scratchProject(folder, 'commonjs'),
  };
}

function scratchProject(home: string, type: ModuleSystem): ScratchProject {
  const folder = join(home, type);
  mkdirSync(folder);
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('package.json', JSON.stringify({ private: true, type }));

  let count = 0;
  return {
    type,
    async evaluate(script) {
      const name = `script-${++count}.js`;
      write(name, script);
      return JSON.parse(await run(process.execPath, [name], folder));
    },
    async typeErrors(source, compiler = 'workspace') {
      const name = `consumer-${++count}.ts`;
      write(name, source);
      write('tsconfig.json', JSON.stringify({ compilerOptions: CONSUMER_OPTIONS, files: [name] }));
      const directory =
        compiler === 'workspace'
          ? join(PROJECT_ROOT, 'node_modules/typescript')
          : join(home, 'node_modules/oldest-typescript');
      const tsc = join(directory, 'bin/tsc');
      const output = await run(process.execPath, [tsc, '--pretty', 'false'], folder).catch(
        (error: Error) => error.message,
      );
      // The declarations of other people's packages are theirs to answer for.
      const ours = publishedPackages().map(({ name: of }) => `../node_modules/${of}/`);
      return output
        .split('\n')
        .filter((line) => line.includes('error TS'))
        .filter((line) => line.startsWith(name) || ours.some((path) => line.startsWith(path)));
    },
    manifestOf: (packageName) =>
      JSON.parse(
        readFileSync(join(home, 'node_modules', packageName, 'package.json'), 'utf8'),
      ) as Record<string, unknown>,
    folderOf: (packageName) => join(home, 'node_modules', packageName),
  };
}

/** The floor that the READMEs of circuit-breaker and webhook-security name. */
export const OLDEST_TYPESCRIPT = '5.4.5';

/** Strict, and library declarations are checked too: a type that cannot be resolved would pass as any. */
const CONSUMER_OPTIONS = {
  target: 'es2023',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
};
