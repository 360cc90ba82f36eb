import { Inject, type InjectionToken } from '@nestjs/common';
import { isObservable } from 'rxjs';
import { InvalidOptionError } from '../../errors.js';
import type { Operation } from '../../operation/operation.js';
import { type Idempotency, idempotent, safe } from '../../operation/repeatable.js';
import { NotRepeatableError } from '../../policy/errors.js';
import { readChoice, refuseUnknown } from '../../validation.js';
import { keepMetadata } from './keep-metadata.js';
import { breakerToken } from './tokens.js';

/** What a method can be put under: a circuit breaker, a policy, a pipeline. */
export interface MethodGuard {
  /** Whether it may call a method more than once. */
  readonly repeats?: boolean;
  execute(operation: never): Promise<unknown>;
}

export interface UsePolicyOptions {
  /** Declares that the method may be run more than once: it changes nothing (`safe`), or twice is as once. Default: it may not. */
  readonly idempotency?: Idempotency | undefined;
}

/** For methods that give a promise; to others a refusal could not be told. */
export type GuardedMethodDecorator = <F extends (...args: never[]) => PromiseLike<unknown>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<F>,
) => void;

/**
 * Puts each call of the method under the breaker of that name, which Nest injects; one that is not in reach of
 * the module stops the application from starting. Keeps what other decorators said of the method, above or
 * below this one.
 */
export const UseBreaker = (name: string): GuardedMethodDecorator =>
  guardMethod(breakerToken(name), {});

/**
 * Puts each call of the method under a policy: the object itself, or the token under which Nest provides it.
 * @throws NotRepeatableError for a policy that repeats, unless `idempotency` says that it may
 */
export const UsePolicy = (
  policy: MethodGuard | InjectionToken,
  options: UsePolicyOptions = {},
): GuardedMethodDecorator => {
  refuseUnknown('', options, ['idempotency']);
  const { idempotency } = options;
  if (idempotency !== undefined) readChoice('idempotency', idempotency, ['safe', 'idempotent']);
  if (isGuard(policy) && policy.repeats === true && idempotency === undefined) {
    throw new NotRepeatableError({ policy: (policy as { kind?: string }).kind ?? 'policy' });
  }
  return guardMethod(policy, options);
};

type Method = (this: object, ...args: unknown[]) => unknown;

const guardMethod = (
  source: MethodGuard | InjectionToken,
  { idempotency }: UsePolicyOptions,
): GuardedMethodDecorator => {
  return (target, key, descriptor) => {
    const original = descriptor.value as Method | undefined;
    if (typeof original !== 'function' || typeof target === 'function') {
      return refuse(key, 'a method of instances');
    }
    const guardOf = isGuard(source) ? () => source : injected(target, key, source);
    const guarded = function (this: object, ...args: unknown[]): Promise<unknown> {
      const operation = () => resultOf(original.apply(this, args), key);
      return guardOf(this).execute(declared(operation, idempotency) as never);
    };
    keepMetadata(original, guarded);
    descriptor.value = guarded as never;
  };
};

const declared = (operation: Operation<unknown>, idempotency: Idempotency | undefined) => {
  if (idempotency === undefined) return operation;
  return idempotency === 'safe' ? safe(operation) : idempotent(operation);
};

const isGuard = (source: MethodGuard | InjectionToken): source is MethodGuard =>
  typeof source === 'object' &&
  source !== null &&
  typeof (source as MethodGuard).execute === 'function';

/** Lets Nest inject what stands under `token` into each instance, where nobody sees it, and gives what finds it. */
const injected = (
  target: object,
  method: string | symbol,
  token: InjectionToken,
): ((instance: object) => MethodGuard) => {
  const guards = new WeakMap<object, MethodGuard>();
  const key = Symbol(`guard of ${String(method)}`);
  Object.defineProperty(target, key, {
    set(this: object, guard: MethodGuard) {
      guards.set(this, guard);
    },
  });
  Inject(token)(target, key);
  return (instance) => guards.get(instance) ?? refuse(method, 'called on what Nest has made');
};

/** An observable does its work when it is subscribed to, when the call would long have been counted. */
const resultOf = (result: unknown, key: string | symbol): unknown =>
  isObservable(result) ? refuse(key, 'a method that gives a promise (see firstValueFrom)') : result;

const refuse = (key: string | symbol, allowed: string): never => {
  throw new InvalidOptionError({ option: String(key), value: undefined, allowed });
};
