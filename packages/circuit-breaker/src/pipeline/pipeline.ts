import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { InvalidOptionError } from '../errors.js';
import { guardLayer } from '../operation/guard-layer.js';
import type { Layer } from '../operation/layer.js';
import {
  type AddsOfPolicy,
  POLICY_OPTIONS,
  Policy,
  type PolicyLike,
  type PolicyOptions,
} from '../operation/policy.js';
import { readChoice, refuseUnknown } from '../validation.js';
import { BreakerLayer } from './breaker-layer.js';
import { isBreaker } from './is-breaker.js';
import { checkOrder, type Placed } from './order.js';

/** What a pipeline is made of. */
export type PipelinePart = PolicyLike | CircuitBreaker;

/** The results that policies add, such as those of a fallback. */
export type AddsOf<Parts extends readonly PipelinePart[]> = AddsOfPolicy<Parts[number]>;

/** True if one of the policies may run an operation more than once. */
export type RepeatsOf<Parts extends readonly PipelinePart[]> = true extends (
  Parts[number] extends infer Part
    ? Part extends { readonly repeats: infer R }
      ? R
      : false
    : false
)
  ? true
  : false;

export interface PipelineOptions extends PolicyOptions {
  /** `unchecked` takes an order that is known to go wrong. Default `checked`. */
  readonly order?: 'checked' | 'unchecked' | undefined;
}

/** Policies around a call, outermost first. Is a policy itself. */
export class Pipeline<Adds = never, Repeats extends boolean = false> extends Policy<Adds, Repeats> {
  readonly kind = 'pipeline';
  readonly repeats: Repeats;
  readonly runsLater: boolean;
  /** Its parts, outermost first. */
  readonly policies: readonly PipelinePart[];
  /** Whether the order of its parts was judged. */
  readonly order: 'checked' | 'unchecked';

  /** @throws InvalidOptionError for what is no policy, and for an order that is known to go wrong */
  constructor(policies: readonly PipelinePart[], options: PipelineOptions = {}) {
    refuseUnknown('', options, ['order', ...POLICY_OPTIONS]);
    super(options);
    if (!Array.isArray(policies) || policies.length === 0 || !policies.every(isPart)) {
      throw new InvalidOptionError({
        option: 'policies',
        value: policies,
        allowed: 'a list of at least one policy or circuit breaker',
      });
    }
    const { order = 'checked' } = options;
    this.order = readChoice('order', order, ['checked', 'unchecked']);
    if (this.order === 'checked') checkOrder(policies.flatMap((part) => placed(part, undefined)));
    this.policies = Object.freeze([...policies]);
    this.repeats = policies.some((part) => !isBreaker(part) && part.repeats) as Repeats;
    this.runsLater = policies.some((part) => !isBreaker(part) && part.runsLater);
  }

  layer(next: Layer): Layer {
    return this.policies.reduceRight<Layer>(
      (inner, part) =>
        isBreaker(part) ? new BreakerLayer(part, inner) : guardLayer(part.layer(inner)),
      next,
    );
  }
}

/**
 * Puts policies around each other, outermost first: `pipeline([retry(), breaker, timeout({ timeoutMs })])`.
 * @throws InvalidOptionError for what is no policy, and for an order that is known to go wrong
 */
export const pipeline = <const Parts extends readonly PipelinePart[]>(
  policies: Parts,
  options?: PipelineOptions,
): Pipeline<AddsOf<Parts>, RepeatsOf<Parts>> => new Pipeline(policies, options);

const isPart = (part: unknown): boolean =>
  typeof part === 'object' &&
  part !== null &&
  (isBreaker(part) || typeof (part as Partial<PolicyLike>).layer === 'function');

/** Likewise: a pipeline is seen as the parts it is made of. */
const isPipeline = (part: PolicyLike): part is Pipeline => {
  const { kind, policies } = part as Partial<Pipeline>;
  return kind === 'pipeline' && Array.isArray(policies);
};

/** A part as the rules of order see it. */
const placed = (part: PipelinePart, unchecked: object | undefined): Placed[] => {
  if (isBreaker(part)) return [{ kind: 'breaker', policy: part, unchecked }];
  if (isPipeline(part)) {
    const around = unchecked ?? (part.order === 'unchecked' ? part : undefined);
    return part.policies.flatMap((inner) => placed(inner, around));
  }
  const { kind } = part;
  const { timeoutMs } = part as { readonly timeoutMs?: number | undefined };
  return [{ kind, policy: part, unchecked, timeoutMs: kind === 'timeout' ? timeoutMs : undefined }];
};
