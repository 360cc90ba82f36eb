import { describe, expect, it } from 'vitest';
import {
  bulkhead,
  cache,
  coalesce,
  fallback,
  faultInjection,
  hedge,
  type Policy,
  rateLimit,
  retry,
  standardHttp,
  timeout,
} from '../index.js';
import { guardLayer } from '../operation/guard-layer.js';

type AnyPolicy = Pick<Policy, 'kind' | 'runsLater' | 'layer'> & { readonly repeats: boolean };

const fault = { kind: 'error' } as const;

/** Each policy, and what it says of itself: whether it repeats, and whether it runs things later. */
const POLICIES: readonly (readonly [string, () => AnyPolicy, boolean, boolean])[] = [
  ['bulkhead', () => bulkhead({ maxConcurrent: 1 }), false, false],
  ['cache', () => cache({ ttlMs: 1 }), false, false],
  ['coalesce', () => coalesce(), false, false],
  ['fallback', () => fallback(() => 1), false, false],
  ['faultInjection', () => faultInjection({ rate: 1, fault }), false, false],
  [
    'faultInjection',
    () => faultInjection({ rate: 1, fault: { kind: 'latency', latencyMs: 1 } }),
    false,
    true,
  ],
  ['hedge', () => hedge(), true, true],
  ['rateLimit', () => rateLimit({ limit: 1 }), false, false],
  ['retry', () => retry(), true, true],
  ['timeout', () => timeout({ timeoutMs: 1 }), false, true],
  ['pipeline', () => standardHttp({ name: 'x' }), true, true],
];

describe('a policy of this package', () => {
  it.each(POLICIES)('says what it is: %s', (kind, make, repeats, runsLater) => {
    const policy = make();
    expect([policy.kind, policy.repeats, policy.runsLater]).toEqual([kind, repeats, runsLater]);
  });

  it.each(POLICIES)('compiles to a layer that needs no guard: %s', (...[, make]) => {
    const layer = make().layer({ run: () => {} });
    expect(guardLayer(layer)).toBe(layer);
  });
});
