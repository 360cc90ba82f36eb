import { InvalidOptionError } from '../errors.js';
import type { PolicyKind } from '../operation/policy.js';

/** A policy as the rules of order see it. */
export interface Placed {
  readonly kind: PolicyKind;
  /** What it is, to see whether it stands in two places. */
  readonly policy: object;
  /** The limit of a `timeout`, where it is fixed. */
  readonly timeoutMs?: number | undefined;
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
    why: 'would never see a failure, because the fallback answers first; put the fallback outside',
  },
  {
    outer: ['breaker'],
    inner: ['retry', 'hedge'],
    why: 'would count several attempts as one call and could not stop them; put the breaker inside',
  },
  {
    outer: ['retry', 'hedge'],
    inner: ['coalesce', 'cache'],
    why: 'would be given the same result again; put what shares results outside',
  },
  {
    outer: ['hedge'],
    inner: ['retry'],
    why: 'would multiply the retries; put the hedge inside',
  },
];

/** @throws InvalidOptionError for the first mistake in the order of `policies`, outermost first */
export const checkOrder = (policies: readonly Placed[]): void => {
  for (const [place, outer] of policies.entries()) {
    for (const inner of policies.slice(place + 1)) checkPair(outer, inner);
  }
  checkFaultsInnermost(policies);
};

const checkPair = (outer: Placed, inner: Placed): void => {
  if (outer.policy === inner.policy) {
    refuse(`the same ${outer.kind} stands in two places; make two of them`);
  }
  for (const rule of RULES) {
    if (!rule.outer.includes(outer.kind) || !rule.inner.includes(inner.kind)) continue;
    refuse(`${outer.kind} around ${inner.kind}: it ${rule.why}`);
  }
  if (outer.timeoutMs === undefined || inner.timeoutMs === undefined) return;
  if (outer.timeoutMs > inner.timeoutMs) return;
  refuse(
    `a time limit of ${outer.timeoutMs} ms around one of ${inner.timeoutMs} ms: the inner one never ends a call; make the outer one longer`,
  );
};

const checkFaultsInnermost = (policies: readonly Placed[]): void => {
  const first = policies.findIndex(({ kind }) => kind === 'faultInjection');
  if (first === -1) return;
  const inner = policies.slice(first).find(({ kind }) => kind !== 'faultInjection');
  if (inner === undefined) return;
  refuse(
    `faultInjection around ${inner.kind}: ${inner.kind} is never tried by a fault; put it innermost`,
  );
};

const refuse = (mistake: string): never => {
  throw new InvalidOptionError({
    option: 'policies',
    value: undefined,
    allowed: `in an order that works (${mistake}; or say order: 'unchecked')`,
  });
};
