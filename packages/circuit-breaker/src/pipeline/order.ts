import { InvalidOptionError } from '../errors.js';
import type { PolicyKind } from '../operation/policy.js';

/** A policy as the rules of order see it. */
export interface Placed {
  readonly kind: PolicyKind;
  /** What it is, to see whether it stands in two places. */
  readonly policy: object;
  /** The limit of a `timeout`, where it is fixed. */
  readonly timeoutMs?: number | undefined;
  /** The outermost pipeline of unchecked order that it stands in: what is in there is not judged again. */
  readonly unchecked?: object | undefined;
}

/** `outer` must not stand around `inner`: why, and what to do instead. */
interface Rule {
  readonly outer: readonly PolicyKind[];
  readonly inner: readonly PolicyKind[];
  readonly why: string;
}

const RULES: readonly Rule[] = [
  {
    outer: ['retry', 'hedge', 'breaker'],
    inner: ['fallback'],
    why: 'it would never see a failure, because the fallback answers first; put the fallback outside',
  },
  {
    outer: ['breaker'],
    inner: ['retry', 'hedge'],
    why: 'it would count several attempts as one call and could not stop them; put the breaker inside',
  },
  {
    outer: ['retry', 'hedge'],
    inner: ['coalesce', 'cache'],
    why: 'it would be given the same result again; put what shares results outside',
  },
  {
    outer: ['hedge'],
    inner: ['retry'],
    why: 'it would multiply the retries; put the hedge inside',
  },
  {
    outer: ['retry'],
    inner: ['retry'],
    why: 'it would multiply the attempts; leave one of the two out',
  },
  {
    outer: ['hedge'],
    inner: ['hedge'],
    why: 'it would multiply the attempts; leave one of the two out, and raise maxHedges of the other if more are needed',
  },
];

/** @throws InvalidOptionError for the first mistake in the order of `policies`, outermost first */
export const checkOrder = (policies: readonly Placed[]): void => {
  for (const [place, outer] of policies.entries()) {
    for (const inner of policies.slice(place + 1)) {
      const mistake = mistakeOf(outer, inner);
      if (mistake === undefined) continue;
      throw new InvalidOptionError({
        option: 'policies',
        value: policies.map(({ kind }) => kind).join(', '),
        isWord: true,
        allowed: `in an order that works (${mistake}; or say order: 'unchecked')`,
      });
    }
  }
};

const mistakeOf = (outer: Placed, inner: Placed): string | undefined => {
  if (outer.unchecked !== undefined && outer.unchecked === inner.unchecked) return undefined;
  if (outer.policy === inner.policy) {
    return `the same ${outer.kind} stands in two places; make two of them`;
  }
  const around = `${outer.kind} around ${inner.kind}`;
  for (const rule of RULES) {
    if (!rule.outer.includes(outer.kind) || !rule.inner.includes(inner.kind)) continue;
    return `${around}: ${rule.why}`;
  }
  if (outer.kind === 'faultInjection' && inner.kind !== 'faultInjection') {
    return `${around}: no fault would ever reach the ${inner.kind}; put faultInjection innermost`;
  }
  return mistakeOfLimits(outer.timeoutMs, inner.timeoutMs);
};

const mistakeOfLimits = (
  outerMs = Number.POSITIVE_INFINITY,
  innerMs = Number.NEGATIVE_INFINITY,
): string | undefined =>
  outerMs > innerMs
    ? undefined
    : `a time limit of ${outerMs} ms around one of ${innerMs} ms: the inner one would never end a call; make the outer one longer`;
