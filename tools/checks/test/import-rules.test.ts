import { beforeAll, expect, it } from 'vitest';
import { lintPlanted } from './support/lint-planted.js';

/** Imports that the house forbids: file, what it imports. */
const FORBIDDEN = [
  ['packages/circuit-breaker/src/index.ts', '@nestcms/webhook-security'],
  ['packages/circuit-breaker/src/breaker/a.ts', '@nestcms/testbed'],
  ['packages/circuit-breaker/src/breaker/b.ts', 'prom-client'],
  ['packages/circuit-breaker/src/breaker/c.ts', '../testing/manual-clock.js'],
  ['packages/circuit-breaker/src/breaker/d.ts', 'zod'],
  ['packages/circuit-breaker/src/policy/e.ts', 'undici'],
  ['packages/circuit-breaker/src/policy/f.ts', 'node:timers/promises'],
  ['packages/circuit-breaker/src/policy/g.ts', '../adapters/fetch/index.js'],
  ['packages/circuit-breaker/src/adapters/undici/a.ts', '@nestjs/common'],
  ['packages/circuit-breaker/src/adapters/nestjs/a.ts', '@nestcms/webhook-security'],
  ['packages/webhook-security/src/a.ts', '@nestcms/circuit-breaker'],
  ['packages/webhook-security/src/verify/b.ts', '@nestjs/common'],
  ['packages/webhook-security/src/verify/c.ts', 'fastify'],
  ['packages/webhook-security/src/verify/d.ts', '../stores/redis/redis-replay-store.js'],
  ['packages/webhook-security/src/verify/e.ts', '../adapters/fastify/plugin.js'],
  ['packages/webhook-security/src/verify/f.ts', 'mongodb'],
  ['packages/webhook-security/src/verify/g.ts', '../stores/memory/memory-replay-store.js'],
  ['packages/webhook-security/src/options.ts', './stores/memory/memory-replay-store.js'],
  ['packages/webhook-security/src/payload/h.ts', 'zod'],
  ['packages/webhook-security/src/verify/i.ts', 'eventemitter3'],
  ['packages/webhook-security/src/verify/j.ts', '@opentelemetry/api'],
  ['packages/webhook-security/src/time/k.ts', 'node:perf_hooks'],
  ['packages/webhook-security/src/index.ts', './stores/mongodb/index.js'],
  ['packages/webhook-security/src/index.ts', './adapters/fastify/index.js'],
  ['packages/webhook-security/src/index.ts', './testing/index.js'],
  ['packages/webhook-security/src/adapters/fastify/a.ts', '@nestjs/common'],
  ['packages/webhook-security/src/adapters/nestjs/a.ts', '@nestcms/paytabs-client'],
  ['packages/webhook-security/src/stores/redis/a.ts', '@nestcms/aggregation-cache'],
  ['packages/paytabs-client/src/a.ts', '@nestcms/aggregation-cache'],
  ['packages/paytabs-client/src/b.ts', '@nestjs/common'],
  ['packages/paytabs-client/src/intents/c.ts', 'mongodb'],
  ['packages/paytabs-client/src/intents/d.ts', '../stores/mongodb/mongo-intent-store.js'],
  ['packages/paytabs-client/src/intents/e.ts', '../stores/memory-intent-store.js'],
  ['packages/paytabs-client/src/options.ts', './stores/mongodb/index.js'],
  ['packages/paytabs-client/src/client/f.ts', 'prom-client'],
  ['packages/paytabs-client/src/metrics/g.ts', '@opentelemetry/api'],
  ['packages/paytabs-client/src/adapters/prometheus/a.ts', '@nestjs/common'],
  ['packages/paytabs-client/src/adapters/nestjs/a.ts', '@nestcms/aggregation-cache'],
  ['packages/paytabs-client/src/testing/e.ts', '@nestcms/testbed'],
  ['packages/aggregation-cache/src/a.ts', '@nestcms/paytabs-client'],
  ['packages/aggregation-cache/src/cache/b.ts', 'ioredis'],
  ['packages/aggregation-cache/src/cache/c.ts', '../stores/redis/index.js'],
  ['packages/aggregation-cache/src/validity/d.ts', 'zod'],
  ['packages/aggregation-cache/src/index.ts', './stores/redis/index.js'],
  ['packages/aggregation-cache/src/stores/redis/d.ts', '@nestjs/common'],
  ['packages/aggregation-cache/src/metrics/e.ts', 'prom-client'],
  ['packages/aggregation-cache/src/adapters/prometheus/a.ts', '@nestjs/common'],
  ['packages/aggregation-cache/src/adapters/nestjs/a.ts', '@nestcms/paytabs-client'],
  ['examples/nest-cms-server/src/platform/outbox/a.ts', '../../payments/payment.machine.js'],
  [
    'examples/nest-cms-server/src/platform/mongo/b.ts',
    '../../features/contracts/contracts.service.js',
  ],
] as const;

/** Imports like the above that are right where they stand. */
const ALLOWED = [
  ['packages/circuit-breaker/src/breaker/ok.ts', '../ports/clock.js'],
  ['packages/circuit-breaker/src/breaker/ok.test.ts', '../testing/manual-clock.js'],
  ['packages/circuit-breaker/src/ok.ts', 'eventemitter3'],
  ['packages/circuit-breaker/src/adapters/nestjs/ok.ts', '@nestjs/common'],
  ['packages/circuit-breaker/src/adapters/undici/ok.ts', 'undici'],
  ['packages/webhook-security/src/stores/redis/ok.ts', 'ioredis'],
  ['packages/webhook-security/src/adapters/fastify/ok.ts', 'fastify'],
  ['packages/webhook-security/src/adapters/nestjs/ok.ts', '@nestjs/common'],
  ['packages/webhook-security/src/index.ts', './stores/memory/memory-replay-store.js'],
  ['packages/paytabs-client/src/ok.ts', '@nestcms/circuit-breaker'],
  ['packages/paytabs-client/src/gateway/ok.ts', 'zod'],
  ['packages/paytabs-client/src/transport/ok.ts', 'undici'],
  ['packages/paytabs-client/src/options.ts', './stores/memory-intent-store.js'],
  ['packages/paytabs-client/src/adapters/nestjs/ok.ts', '@nestjs/common'],
  ['packages/paytabs-client/src/adapters/prometheus/ok.ts', 'prom-client'],
  ['packages/paytabs-client/src/testing/ok.ts', '@nestcms/webhook-security/testing'],
  ['packages/paytabs-client/src/stores/mongodb/ok.test.ts', '@nestcms/testbed'],
  ['packages/aggregation-cache/src/cache/ok.ts', 'mongodb'],
  ['packages/aggregation-cache/src/ok.ts', '@nestcms/circuit-breaker'],
  ['packages/aggregation-cache/src/stores/redis/ok.ts', 'ioredis'],
  ['packages/aggregation-cache/src/adapters/nestjs/ok.ts', '@nestjs/common'],
  ['examples/nest-cms-server/src/payments/ok.ts', '../platform/outbox/outbox.js'],
] as const;

/** Code that asks the machine for time or chance; only ports, tests and the testing entry may. */
const FORBIDDEN_CODE = [
  ['packages/circuit-breaker/src/breaker/time.ts', 'Date.now()'],
  ['packages/circuit-breaker/src/policy/time.ts', 'performance.now()'],
  ['packages/circuit-breaker/src/policy/chance.ts', 'Math.random()'],
  ['packages/webhook-security/src/verifier/time.ts', 'setTimeout(() => {}, 1)'],
  ['packages/webhook-security/src/stores/memory/time.ts', 'Date.now()'],
  ['packages/webhook-security/src/adapters/fastify/time.ts', 'setInterval(() => {}, 1)'],
  ['packages/paytabs-client/src/client/time.ts', 'globalThis.setTimeout(() => {}, 1)'],
  ['packages/aggregation-cache/src/cache/time.ts', 'setImmediate(() => {})'],
] as const;

const ALLOWED_CODE = [
  ['packages/circuit-breaker/src/ports/time.ts', 'Date.now()'],
  ['packages/circuit-breaker/src/ports/chance.ts', 'Math.random()'],
  ['packages/circuit-breaker/src/breaker/time.test.ts', 'performance.now()'],
  ['packages/webhook-security/src/ports/time.ts', 'setTimeout(() => {}, 1)'],
  ['packages/aggregation-cache/src/testing/time.ts', 'performance.now()'],
  ['packages/circuit-breaker/src/breaker/ok-time.ts', 'new Date(5).getTime()'],
] as const;

const key = ([file, specifier]: readonly [string, string]) => `${file} ← ${specifier}`;
let refused: Set<string>;
let refusedCode: Set<string>;

beforeAll(() => {
  const specifiers = new Map<string, (readonly [string, string])[]>();
  for (const planted of [...FORBIDDEN, ...ALLOWED]) {
    specifiers.set(planted[0], [...(specifiers.get(planted[0]) ?? []), planted]);
  }
  const files = new Map<string, readonly string[]>();
  for (const [file, imports] of specifiers) {
    files.set(
      file,
      imports.map(([, specifier], n) => `export * as name${n} from '${specifier}';`),
    );
  }
  for (const [file, code] of [...FORBIDDEN_CODE, ...ALLOWED_CODE]) {
    files.set(file, [`export const value = ${code};`]);
  }
  const findings = lintPlanted(files);
  refusedCode = new Set(
    findings
      .filter(({ code }) => /no-restricted-(globals|properties)/.test(code))
      .map(({ filename }) => filename),
  );
  refused = new Set(
    findings
      .filter(({ code }) => code.includes('no-restricted-imports'))
      .map(({ filename, line }) => key(specifiers.get(filename)?.[line - 1] ?? [filename, '?'])),
  );
});

it.each(FORBIDDEN)('%s must not import %s', (...planted) => {
  expect(refused).toContain(key(planted));
});

it.each(ALLOWED)('%s may import %s', (...planted) => {
  expect(refused).not.toContain(key(planted));
});

it.each(FORBIDDEN_CODE)('%s must not say %s', (file) => {
  expect(refusedCode).toContain(file);
});

it.each(ALLOWED_CODE)('%s may say %s', (file) => {
  expect(refusedCode).not.toContain(file);
});
