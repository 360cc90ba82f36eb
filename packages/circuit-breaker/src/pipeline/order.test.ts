import { describe, expect, it } from 'vitest';
import type { PolicyKind } from '../operation/policy.js';
import { checkOrder, type Placed } from './order.js';

const at = (kind: PolicyKind, more: Partial<Placed> = {}): Placed => ({
  kind,
  policy: {},
  ...more,
});
const refusalOf = (...policies: Placed[]): { message: string; value: unknown } | undefined => {
  try {
    checkOrder(policies);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'policies' });
    return error as { message: string; value: unknown };
  }
};

/** Every pair that goes wrong, outermost first, with what its message must say. */
const WRONG: [PolicyKind, PolicyKind, RegExp][] = [
  ['retry', 'fallback', /retry around fallback: .*put the fallback outside/],
  ['hedge', 'fallback', /hedge around fallback: .*put the fallback outside/],
  ['breaker', 'fallback', /breaker around fallback: .*put the fallback outside/],
  ['breaker', 'retry', /breaker around retry: .*put the breaker inside/],
  ['breaker', 'hedge', /breaker around hedge: .*put the breaker inside/],
  ['retry', 'coalesce', /retry around coalesce: .*put what shares results outside/],
  ['retry', 'cache', /retry around cache: .*put what shares results outside/],
  ['hedge', 'coalesce', /hedge around coalesce: .*put what shares results outside/],
  ['hedge', 'cache', /hedge around cache: .*put what shares results outside/],
  ['hedge', 'retry', /hedge around retry: .*put the hedge inside/],
  ['retry', 'retry', /retry around retry: .*multiply the attempts; leave one of the two out/],
  ['hedge', 'hedge', /hedge around hedge: .*multiply the attempts; leave one of the two out/],
  ...(
    [
      'breaker',
      'bulkhead',
      'cache',
      'coalesce',
      'fallback',
      'hedge',
      'rateLimit',
      'retry',
      'timeout',
    ] as const
  ).map((kind): [PolicyKind, PolicyKind, RegExp] => [
    'faultInjection',
    kind,
    new RegExp(`faultInjection around ${kind}: .*put faultInjection innermost`),
  ]),
];

const KINDS: PolicyKind[] = [
  'breaker',
  'bulkhead',
  'cache',
  'coalesce',
  'fallback',
  'faultInjection',
  'hedge',
  'rateLimit',
  'retry',
  'timeout',
];

describe('the order of policies', () => {
  it.each(WRONG)('%s around %s is refused, with the cure', (outer, inner, words) => {
    const refusal = refusalOf(at(outer), at(inner));
    expect(refusal?.message).toMatch(words);
    expect(refusal?.message).toContain("or say order: 'unchecked'");
    expect(refusal?.message).toContain(`it is '${outer}, ${inner}'`);
  });

  it('is right in every other pair', () => {
    const wrong = new Set(WRONG.map(([outer, inner]) => `${outer} ${inner}`));
    const pairs = KINDS.flatMap((outer) => KINDS.map((inner) => [outer, inner] as const));
    const refused = pairs.filter(([outer, inner]) => refusalOf(at(outer), at(inner)));
    expect(refused.map((pair) => pair.join(' ')).toSorted()).toEqual([...wrong].toSorted());
  });

  it('is judged however far apart the two stand', () => {
    const between = [at('bulkhead'), at('timeout'), at('rateLimit')];
    expect(refusalOf(at('retry'), ...between, at('fallback'))?.message).toContain(
      'retry around fallback',
    );
    expect(refusalOf(...between)).toBeUndefined();
  });

  it('may hold two of a kind that does not repeat, but not the same one twice', () => {
    for (const kind of KINDS) {
      const one = at(kind);
      const repeats = kind === 'retry' || kind === 'hedge';
      expect(refusalOf(one, at(kind)) === undefined).toBe(!repeats);
      expect(refusalOf(one, { ...one })?.message).toContain(
        `the same ${kind} stands in two places; make two of them`,
      );
    }
  });

  it.each([
    [1000, 1000],
    [500, 1000],
  ])('refuses a limit of %i ms around one of %i ms', (outerMs, innerMs) => {
    const refusal = refusalOf(
      at('timeout', { timeoutMs: outerMs }),
      at('retry'),
      at('timeout', { timeoutMs: innerMs }),
    );
    expect(refusal?.message).toContain(`a time limit of ${outerMs} ms around one of ${innerMs} ms`);
    expect(refusal?.message).toContain('make the outer one longer');
  });

  it('takes limits that shrink inwards, and those that only a function knows', () => {
    const limits = [1000, undefined, 999.5, 100].map((timeoutMs) => at('timeout', { timeoutMs }));
    expect(refusalOf(...limits)).toBeUndefined();
  });

  it('names the first mistake only', () => {
    const refusal = refusalOf(at('hedge'), at('retry'), at('fallback'));
    expect(refusal?.message).toContain('hedge around retry');
    expect(refusal?.message).not.toContain('fallback:');
  });

  it('is not judged twice where it was taken unchecked', () => {
    const unchecked = {};
    const inside = { unchecked };
    expect(refusalOf(at('hedge', inside), at('retry', inside))).toBeUndefined();
    expect(refusalOf(at('hedge', inside), at('retry'))?.message).toContain('hedge around retry');
    expect(refusalOf(at('hedge', inside), at('retry', { unchecked: {} }))?.message).toContain(
      'hedge around retry',
    );
  });
});
