import type { CircuitBreaker } from './breaker/circuit-breaker.js';
import { InvalidOptionError } from './errors.js';
import type { AddsOfPolicy, Policy } from './operation/policy.js';
import { type Idempotency, idempotent, safe } from './operation/repeatable.js';
import type { PipelinePart, RepeatsOf } from './pipeline/pipeline.js';
import { readChoice } from './validation.js';

/** What `guarded` puts around a method. */
export type Guard = PipelinePart & Pick<Policy | CircuitBreaker, 'wrap'>;

/** A method that gives a promise. */
type AsyncMethod = (...args: never[]) => PromiseLike<unknown>;

/** Nothing to object to, if the method's own result may be what the policy adds; else nothing fits. */
type MayGive<F extends AsyncMethod, Adds> = [Adds] extends [Awaited<ReturnType<F>>]
  ? unknown
  : { readonly 'The method’s result does not cover what the policy answers with': Adds };

/** A decorator of a method, of the standard kind and of TypeScript's `experimentalDecorators`. */
export interface GuardedDecorator<Adds> {
  <F extends AsyncMethod>(
    method: F & MayGive<F, Adds>,
    context: { readonly kind: 'method'; readonly name: string | symbol },
  ): F;
  <F extends AsyncMethod>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<F> & MayGive<F, Adds>,
  ): TypedPropertyDescriptor<F>;
}

/** What a policy that repeats asks to be said of the method; others ask nothing. */
type Declaration<G extends Guard> =
  RepeatsOf<readonly [G]> extends true ? [declaredAs: Idempotency] : [];

/**
 * Puts a policy, a pipeline or a breaker around each call of a method: `@guarded(breaker)`. Keeps `this`,
 * arguments, types, name and length. One that may repeat the method asks what it is: `@guarded(retry(), 'safe')`.
 *
 * All instances share the policy. Works as a standard decorator and with `experimentalDecorators`, there
 * above or below others.
 * @throws InvalidOptionError for what is no policy, and, when it is applied, for what is no method
 */
export const guarded = <G extends Guard>(
  policy: G,
  ...[declaredAs]: Declaration<G>
): GuardedDecorator<AddsOfPolicy<G>> => {
  if (typeof (policy as Partial<Guard> | null | undefined)?.wrap !== 'function') {
    const allowed = 'a policy, a pipeline or a circuit breaker';
    throw new InvalidOptionError({ option: 'policy', value: policy, allowed });
  }
  if (declaredAs !== undefined) readChoice('declaredAs', declaredAs, ['safe', 'idempotent']);
  const guard = (method: unknown): AsyncMethod => {
    const given = asMethod(method);
    const wrapped = policy.wrap(declaredAs === undefined ? given : DECLARE[declaredAs](given));
    return likeOriginal(wrapped as AsyncMethod, given);
  };
  const decorate = (first: unknown, second: unknown, third?: PropertyDescriptor): unknown => {
    const isStandard = typeof second === 'object' && second !== null;
    if (!isStandard) return { ...third, value: guard(third?.value) };
    const { kind } = second as { readonly kind?: unknown };
    return guard(kind === 'method' ? first : undefined);
  };
  return decorate as GuardedDecorator<AddsOfPolicy<G>>;
};

const DECLARE = { safe, idempotent } as const;

const asMethod = (method: unknown): AsyncMethod => {
  if (typeof method === 'function') return method as AsyncMethod;
  throw new InvalidOptionError({ option: 'method', value: method, allowed: 'a method of a class' });
};

/** As `reflect-metadata` adds them to `Reflect`, where it is loaded. */
interface Metadata {
  readonly getOwnMetadataKeys?: (target: object) => readonly unknown[];
  readonly getOwnMetadata?: (key: unknown, target: object) => unknown;
  readonly defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

/** Frameworks find a method's routes by what decorators below have noted on the function. */
const likeOriginal = (wrapped: AsyncMethod, method: AsyncMethod): AsyncMethod => {
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(wrapped, property, { value: method[property], configurable: true });
  }
  const { getOwnMetadataKeys, getOwnMetadata, defineMetadata } = Reflect as Metadata;
  for (const key of getOwnMetadataKeys?.(method) ?? []) {
    defineMetadata?.(key, getOwnMetadata?.(key, method), wrapped);
  }
  return wrapped;
};
