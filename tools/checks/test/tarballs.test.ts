import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishedPackages } from '../lib/packages.mjs';
import { type RefusingRegistry, startRefusingRegistry } from './support/refusing-registry.js';
import {
  createScratchProjects,
  type ModuleSystem,
  OLDEST_TYPESCRIPT,
  type ScratchProject,
} from './support/scratch-project.js';
import { packAll } from './support/tarballs.js';

const packages = publishedPackages();
const entries = packages.flatMap((published) => published.entries);

/** For each package its guard, and a call that every release must refuse. */
const REFUSALS = {
  '@nestcms/circuit-breaker': {
    guard: 'isCircuitBreakerError',
    base: 'CircuitBreakerError',
    provoke: `new copy.CircuitBreaker({ name: 'x', failureRate: 7 })`,
  },
  '@nestcms/webhook-security': {
    guard: 'isWebhookSecurityError',
    base: 'WebhookSecurityError',
    provoke: `copy.createWebhookVerifier({ scheme: copy.payTabsCallback(), keys: [] })`,
  },
  '@nestcms/paytabs-client': {
    guard: 'isPayTabsError',
    base: 'PayTabsError',
    provoke: `copy.parseMajor('not a number', 'AED')`,
  },
  '@nestcms/aggregation-cache': {
    guard: 'isAggregationCacheError',
    base: 'AggregationCacheError',
    provoke: `copy.definePipelineClass({ name: '', collection: '', version: -1 })`,
  },
} as const;

let scratch: string;
let registry: RefusingRegistry;
let projects: Record<ModuleSystem, ScratchProject>;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'nestcms-tarballs-'));
  registry = await startRefusingRegistry();
  const tarballs = await packAll(scratch);
  projects = await createScratchProjects({
    folder: join(scratch, 'projects'),
    tarballs,
    scopeRegistry: registry.url,
  });
}, 240_000);

afterAll(async () => {
  await registry?.stop();
  await rm(scratch, { recursive: true, force: true });
}, 60_000);

it('installs all tarballs together without asking a registry for our scope', () => {
  expect(registry.requests).toEqual([]);
});

describe.each(packages)('$name as packed', ({ name }) => {
  it('carries neither the source condition nor workspace ranges', () => {
    const manifest = JSON.stringify(projects.module.manifestOf(name));
    expect(manifest).not.toContain('@nestcms/source');
    expect(manifest).not.toContain('workspace:');
    expect(manifest).not.toContain('catalog:');
  });

  it('carries the pages and examples that its README leads to', () => {
    const folder = projects.module.folderOf(name);
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    const links = readme.matchAll(/\]\(((?:docs|examples)\/[^)#\s]+)/g);
    const targets = Array.from(links, ([, target = '']) => target);
    expect(targets).not.toEqual([]);
    expect(targets.filter((target) => !existsSync(join(folder, target)))).toEqual([]);
  });

  it('throws errors that the other module system recognises', async () => {
    const { guard, base, provoke } = REFUSALS[name as keyof typeof REFUSALS];
    const result = await projects.module.evaluate(`
      import { createRequire } from 'node:module';
      import * as esm from '${name}';
      const cjs = createRequire(import.meta.url)('${name}');
      const errorOf = (copy) => { try { ${provoke}; } catch (error) { return error; } };
      const fromEsm = errorOf(esm), fromCjs = errorOf(cjs);
      console.log(JSON.stringify({
        twoCopies: esm.${base} !== cjs.${base},
        esmKnowsCjs: esm.${guard}(fromCjs),
        cjsKnowsEsm: cjs.${guard}(fromEsm),
        esmKnowsCode: esm.${guard}(fromCjs, fromEsm?.code),
        otherCode: esm.${guard}(fromCjs, 'NO_SUCH_CODE'),
        plainError: esm.${guard}(new Error('x')),
        // A build may rename a class; what is inspected shows that name.
        renamed: fromEsm?.constructor.name.startsWith('_'),
      }));
    `);
    expect(result).toEqual({
      twoCopies: true,
      esmKnowsCjs: true,
      cjsKnowsEsm: true,
      esmKnowsCode: true,
      otherCode: false,
      plainError: false,
      renamed: false,
    });
  });
});

/** Where `require()` gives the class itself, with what else there is hanging on it: as opossum does. */
const CLASS_ENTRY = '@nestcms/circuit-breaker/opossum';

describe('an entry that is a class', () => {
  it('gives the class to require and, by default, to import', async () => {
    const imported = await projects.module.evaluate(`
      const entry = await import('${CLASS_ENTRY}');
      const { default: Breaker, ...others } = entry;
      console.log(JSON.stringify([Breaker === others.CircuitBreaker, Object.keys(others).sort()]));
    `);
    const required = await projects.commonjs.evaluate(`
      const Breaker = require('${CLASS_ENTRY}');
      console.log(JSON.stringify([new Breaker(() => 1).closed, Object.keys(Breaker).sort()]));
    `);
    const hanging = ['MemoryCache', 'Semaphore', 'Status'];
    expect(imported).toEqual([true, ['CircuitBreaker', 'OPOSSUM_DEFAULTS', ...hanging].sort()]);
    expect(required).toEqual([true, hanging]);
  });
});

const entriesOfNames = entries.filter(({ specifier }) => specifier !== CLASS_ENTRY);

describe('the names of an entry', () => {
  type Names = Readonly<Record<string, readonly string[]>>;
  let imported: Names;
  let required: Names;

  /** One process loads all entries: to start one for each takes far longer. */
  const namesOf = (type: ModuleSystem, load: string) =>
    projects[type].evaluate(`
      const names = {};
      const load = async () => {
        for (const specifier of ${JSON.stringify(entriesOfNames.map((one) => one.specifier))}) {
          names[specifier] = Object.keys(${load}).sort();
        }
      };
      load().then(() => console.log(JSON.stringify(names)));
    `) as Promise<Names>;

  beforeAll(async () => {
    imported = await namesOf('module', 'await import(specifier)');
    required = await namesOf('commonjs', 'require(specifier)');
  });

  it.each(entriesOfNames)('are the same to import and to require: $specifier', ({ specifier }) => {
    const named = imported[specifier]?.filter((name) => name !== 'default');
    expect(named?.length).toBeGreaterThan(0);
    expect(required[specifier]).toEqual(named);
  });
});

describe.concurrent.each(['module', 'commonjs'] as const)(
  'a TypeScript project of type %s',
  (type) => {
    it('compiles against every entry, library declarations included, and gets real types', async ({
      expect,
    }) => {
      const imports = entries.map(
        ({ specifier }, n) => `import * as entry${n} from '${specifier}';`,
      );
      const uses = entries.map(
        (_, n) => `export const names${n}: string[] = Object.keys(entry${n});`,
      );
      const errors = await projects[type].typeErrors(`
      ${[...imports, ...uses].join('\n')}
      import { CircuitBreaker, type CircuitState } from '@nestcms/circuit-breaker';
      import { createWebhookVerifier, payTabsCallback } from '@nestcms/webhook-security';
      import { money, type Money } from '@nestcms/paytabs-client';
      import { definePipelineClass } from '@nestcms/aggregation-cache';
      export const state: CircuitState = new CircuitBreaker({ name: 'demo' }).state;
      export const price: Money = money(14950n, 'AED');
      export const verifier = createWebhookVerifier({ scheme: payTabsCallback(), keys: ['secret'] });
      // @ts-expect-error a breaker has a name
      new CircuitBreaker({});
      // @ts-expect-error money is counted in minor units, not written as text
      money('149.50', 'AED');
      // @ts-expect-error a verifier needs a scheme
      createWebhookVerifier({ keys: ['secret'] });
      // @ts-expect-error a pipeline class has a name
      definePipelineClass({});
    `);
      expect(errors).toEqual([]);
    }, 120_000);
  },
);

it(`compiles with TypeScript ${OLDEST_TYPESCRIPT} what needs no types of other people`, async () => {
  const light = ['circuit-breaker', 'circuit-breaker/testing', 'webhook-security'];
  const lines = [...light, 'webhook-security/redis', 'webhook-security/testing'].map(
    (entry, n) => `export * as entry${n} from '@nestcms/${entry}';`,
  );
  const wrong = [
    '// @ts-expect-error there is no such name, and the compiler is to know it',
    "export { NoSuchName } from '@nestcms/circuit-breaker';",
  ];
  expect(await projects.module.typeErrors([...lines, ...wrong].join('\n'), 'oldest')).toEqual([]);
}, 60_000);
