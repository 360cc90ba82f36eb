import { describe, expectTypeOf, it } from 'vitest';
import {
  CircuitBreaker,
  fallback,
  type GuardedDecorator,
  guarded,
  idempotent,
  pipeline,
  retry,
  standardHttp,
  timeout,
} from '../src/index.js';

/** Checked twice: as standard decorators, and with `experimentalDecorators` by `tsconfig.legacy.json`. */

const breaker = new CircuitBreaker({ name: 'x' });
const limit = timeout({ timeoutMs: 5 });

class Rates {
  @guarded(breaker)
  async plain(one: number, two?: string): Promise<string> {
    return `${one}${two}`;
  }

  @guarded(limit)
  async generic<T>(value: T): Promise<T> {
    return value;
  }

  @guarded(retry(), 'safe')
  async repeated(): Promise<bigint> {
    return 1n;
  }

  @guarded(pipeline([retry(), breaker]), 'idempotent')
  async repeatedByPipeline(): Promise<bigint> {
    return 1n;
  }

  @guarded(fallback(() => null))
  async orNull(): Promise<string | null> {
    return 'x';
  }

  @guarded(pipeline([fallback(() => 'default' as const), limit]))
  async orDefault(): Promise<string> {
    return 'x';
  }

  @guarded(breaker)
  async ofThis(this: Rates, one: number): Promise<number> {
    return one;
  }

  @guarded(breaker)
  static async ofClass(this: typeof Rates): Promise<number> {
    return 1;
  }
}

class Refused {
  // @ts-expect-error it gives no promise
  @guarded(breaker)
  sync(): number {
    return 1;
  }

  // @ts-expect-error its result does not cover what the fallback answers with
  @guarded(fallback(() => null))
  async neverNull(): Promise<string> {
    return 'x';
  }

  // @ts-expect-error nobody said that it may be repeated
  @guarded(retry())
  async undeclared(): Promise<string> {
    return 'x';
  }

  // @ts-expect-error nobody said that it may be repeated
  @guarded(pipeline([limit, pipeline([retry()])]))
  async undeclaredInside(): Promise<string> {
    return 'x';
  }

  // @ts-expect-error no such word
  @guarded(retry(), 'often')
  async misdeclared(): Promise<string> {
    return 'x';
  }

  // @ts-expect-error nothing repeats it, so there is nothing to declare
  @guarded(limit, 'safe')
  async needless(): Promise<string> {
    return 'x';
  }

  // @ts-expect-error no method
  @guarded(breaker)
  field = 1;

  // @ts-expect-error no method
  @guarded(breaker)
  get getter(): number {
    return 1;
  }
}

describe('a guarded method', () => {
  it('keeps its types', () => {
    const rates = new Rates();
    expectTypeOf<Rates['plain']>().toEqualTypeOf<(one: number, two?: string) => Promise<string>>();
    expectTypeOf(rates.generic({ id: 1 })).toEqualTypeOf<Promise<{ id: number }>>();
    expectTypeOf(rates.repeated()).toEqualTypeOf<Promise<bigint>>();
    expectTypeOf(rates.repeatedByPipeline()).toEqualTypeOf<Promise<bigint>>();
    expectTypeOf(rates.orNull()).toEqualTypeOf<Promise<string | null>>();
    expectTypeOf(rates.orDefault()).toEqualTypeOf<Promise<string>>();
    expectTypeOf(rates.ofThis(1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(Rates.ofClass()).toEqualTypeOf<Promise<number>>();
    expectTypeOf<Refused>().toHaveProperty('sync');
  });

  it('is made by a decorator that knows what the policy adds', () => {
    expectTypeOf(guarded(breaker)).toEqualTypeOf<GuardedDecorator<never>>();
    expectTypeOf(guarded(fallback(() => 5))).toEqualTypeOf<GuardedDecorator<number>>();
    expectTypeOf(guarded(standardHttp({ name: 'x' }), 'safe')).toEqualTypeOf<
      GuardedDecorator<never>
    >();
    // @ts-expect-error a decorator is asked for its policy
    guarded();
    // @ts-expect-error no policy
    guarded(idempotent(async () => 1));
  });
});
