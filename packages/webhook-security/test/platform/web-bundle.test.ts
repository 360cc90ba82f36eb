import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build as bundled, type Plugin } from 'esbuild';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { webPlatform } from '../../web-platform.js';

const source = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** A bundle as for a Worker; what it would need from outside of it is told. */
const bundle = async (entry: string, plugins: Plugin[]) => {
  const needed: string[] = [];
  const outside: Plugin = {
    name: 'outside',
    setup: (build) =>
      build.onResolve({ filter: /^[^.]/ }, ({ path, kind }) => {
        if (kind === 'entry-point') return undefined;
        needed.push(path);
        return { path, external: true };
      }),
  };
  const { outputFiles } = await bundled({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'neutral',
    format: 'esm',
    logLevel: 'silent',
    // Put in the place of free names alone.
    define: {
      Buffer: 'FREE_NAME_BUFFER',
      process: 'FREE_NAME_PROCESS',
      global: 'FREE_NAME_GLOBAL',
    },
    plugins: [...plugins, outside],
  });
  const text = outputFiles[0]?.text ?? '';
  return { needed, text, free: new Set(text.match(/FREE_NAME_\w+/g)) };
};

type Conditions = Readonly<Record<string, string>> & { readonly workerd?: string };

interface Entry {
  readonly '@nestcms/source': string;
  readonly import: Conditions;
  readonly require: Conditions;
}

const entries = Object.entries(manifest.exports as Readonly<Record<string, unknown>>).filter(
  (entry): entry is [string, Entry] => typeof entry[1] === 'object',
);
const webEntries = entries.filter(([, entry]) => entry.import.workerd !== undefined);

it('is there for the entries that servers at the edge need', () => {
  expect(webEntries.map(([path]) => path).sort()).toEqual([
    '.',
    './fetch',
    './inbox',
    './remote',
    './signing',
  ]);
});

describe.each(webEntries)('the web build of %s', (_path, entry) => {
  const file = source(entry['@nestcms/source']);

  it('needs no module of Node, no Buffer and no process', async () => {
    const { needed, free, text } = await bundle(file, [webPlatform]);
    expect(text.length).toBeGreaterThan(1_000);
    expect(needed).toEqual([]);
    expect([...free]).toEqual([]);
    for (const name of builtinModules) expect(text).not.toMatch(`node:${name}`);
  });

  it.each(['import', 'require'] as const)('is what Workers and browsers get by %s', (kind) => {
    const conditions = entry[kind];
    const names = ['types', 'workerd', 'edge-light', 'node', 'worker', 'browser', 'default'];
    expect(Object.keys(conditions)).toEqual(names);
    const { default: forNode = '', node, types: _types, ...web } = conditions;
    expect(node).toBe(forNode);
    expect(new Set(Object.values(web))).toEqual(new Set([forNode.replace('dist/', 'dist/web/')]));
  });
});

it('would be noticed: the build for Node needs its modules', async () => {
  const { needed, free } = await bundle(source('src/index.ts'), []);
  expect(needed).toContain('node:crypto');
  expect([...free].sort()).toEqual(['FREE_NAME_BUFFER', 'FREE_NAME_PROCESS']);
});

it('is published under the same conditions', () => {
  const published = manifest.publishConfig.exports as Readonly<Record<string, unknown>>;
  for (const [path, { '@nestcms/source': _source, ...rest }] of entries) {
    expect([path, published[path]]).toEqual([path, rest]);
    expect(Object.keys((published[path] as Entry).import)).toEqual(Object.keys(rest.import));
  }
});
