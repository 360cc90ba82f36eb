import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT, publishedPackages } from '../../lib/packages.mjs';
import { run } from './command.js';

const PNPM = ['-y', 'pnpm@12.21.0'];

/** Builds and packs every published package, as a release would. */
export async function packAll(destination: string): Promise<Record<string, string>> {
  await run('npx', [...PNPM, '-r', '--filter', './packages/*', 'run', 'build'], PROJECT_ROOT);
  const packed: Record<string, string> = {};
  for (const { name, folder } of publishedPackages()) {
    await run('npx', [...PNPM, 'pack', '--pack-destination', destination], folder);
    const start = name.replace('@', '').replace('/', '-');
    const file = readdirSync(destination).find((candidate) => candidate.startsWith(start));
    if (!file) throw new Error(`pnpm pack of ${name} left no file in ${destination}.`);
    packed[name] = join(destination, file);
  }
  return packed;
}

/** What a user of all packages installs beside them, in the versions the packages are tested with. */
export function peerVersions(): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const { folder, peers } of publishedPackages()) {
    for (const peer of [...Object.keys(peers), '@types/node']) {
      const manifest = join(folder, 'node_modules', peer, 'package.json');
      versions[peer] = (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
    }
  }
  return versions;
}
