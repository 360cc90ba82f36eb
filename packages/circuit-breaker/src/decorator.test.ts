import { runInThisContext } from 'node:vm';
import { transformSync } from 'esbuild';
import { afterEach, describe, expect, it, vi } from 'vitest';
import 'reflect-metadata';
import { CircuitBreaker } from './breaker/circuit-breaker.js';
import { guarded } from './decorator.js';
import { pipeline } from './pipeline/pipeline.js';
import { fallback } from './policy/fallback.js';
import { retry } from './policy/retry.js';
import { timeout } from './policy/timeout.js';
import { ManualClock } from './testing/manual-clock.js';

/** One class, as a user writes it; compiled in both ways. */
const SOURCE = `(parts) => {
  const { guarded, breaker, again, note } = parts;
  class Rates {
    factor = 10;
    #secret = 'secret';

    @guarded(breaker)
    async scaled(one, two) {
      return this.factor * (one + two);
    }

    @guarded(breaker)
    async secret() {
      return this.#secret;
    }

    @guarded(again, 'safe')
    async unsteady() {
      return note();
    }

    @guarded(breaker)
    static async ofClass() {
      return this;
    }
  }
  class Doubled extends Rates {
    async scaled(one, two) {
      return 2 * (await super.scaled(one, two));
    }
  }
  return { Rates, Doubled };
}`;

interface Rates {
  factor: number;
  scaled(one: number, two: number): Promise<number>;
  secret(): Promise<string>;
  unsteady(): Promise<unknown>;
}
interface Classes {
  readonly Rates: (new () => Rates) & { ofClass(): Promise<unknown> };
  readonly Doubled: new () => Rates;
}

const compile = (source: string, experimentalDecorators: boolean): ((parts: object) => Classes) => {
  const { code } = transformSync(source, {
    loader: 'ts',
    target: 'es2022',
    tsconfigRaw: { compilerOptions: { experimentalDecorators } },
  });
  return runInThisContext(code.trim().replace(/;$/, '')) as (parts: object) => Classes;
};

const clock = new ManualClock();
const breaker = new CircuitBreaker({ name: 'rates', clock });
const again = retry({ clock, backoff: { kind: 'constant', delayMs: 0 } });
afterEach(() => breaker.reset());

describe.each([
  ['a standard decorator', false],
  ['a legacy decorator', true],
])('guarded as %s', (_kind, isLegacy) => {
  const note = vi.fn();
  const { Rates, Doubled } = compile(SOURCE, isLegacy)({ guarded, breaker, again, note });

  it('puts the policy around the method', async () => {
    const rates = new Rates();
    await expect(rates.scaled(1, 2)).resolves.toBe(30);
    expect(breaker.stats().totals.succeeded).toBeGreaterThan(0);
    breaker.holdOpen();
    await expect(rates.scaled(1, 2)).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
  });

  it('keeps this, private fields and arguments, for every instance', async () => {
    const [one, other] = [new Rates(), new Rates()];
    other.factor = 100;
    await expect(one.scaled(1, 2)).resolves.toBe(30);
    await expect(other.scaled(1, 2)).resolves.toBe(300);
    await expect(one.secret()).resolves.toBe('secret');
  });

  it('works on static methods and through super', async () => {
    await expect(Rates.ofClass()).resolves.toBe(Rates);
    await expect(new Doubled().scaled(1, 2)).resolves.toBe(60);
  });

  it('keeps the method’s name and length, and how it is declared', () => {
    const descriptor = Object.getOwnPropertyDescriptor(Rates.prototype, 'scaled');
    expect(descriptor).toMatchObject({ enumerable: false, writable: true, configurable: true });
    expect([descriptor?.value.name, descriptor?.value.length]).toEqual(['scaled', 2]);
  });

  it('repeats a method that is declared as repeatable', async () => {
    note.mockRejectedValueOnce(new Error('unsteady')).mockResolvedValueOnce('steady');
    const call = new Rates().unsteady();
    await clock.advanceAsync(0);
    await expect(call).resolves.toBe('steady');
    expect(note).toHaveBeenCalledTimes(2);
  });
});

describe('guarded', () => {
  /** As a compiler calls a legacy decorator. */
  const apply = (
    decorator: ReturnType<typeof guarded<typeof breaker>>,
    method: () => Promise<unknown>,
  ) =>
    decorator({}, 'method', { value: method, configurable: true }) as TypedPropertyDescriptor<
      () => Promise<unknown>
    >;

  it('takes policies and pipelines', async () => {
    const answering = guarded(pipeline([fallback(() => 'answered'), breaker]));
    const limit = guarded(timeout({ timeoutMs: 100, clock }));
    const fail = () => Promise.reject(new Error('down'));
    await expect(apply(answering as never, fail).value?.()).resolves.toBe('answered');
    await expect(apply(limit as never, fail).value?.()).rejects.toThrow('down');
  });

  it('keeps the metadata that decorators below have noted on the method', () => {
    const method = async () => 1;
    Reflect.defineMetadata('path', '/rates', method);
    const { value } = apply(guarded(breaker), method);
    expect(value).not.toBe(method);
    expect(Reflect.getMetadata('path', value as object)).toBe('/rates');
  });

  it('needs nothing that notes metadata', () => {
    const { getOwnMetadataKeys } = Reflect;
    Object.assign(Reflect, { getOwnMetadataKeys: undefined });
    try {
      const { value } = apply(guarded(breaker), async () => 1);
      expect(getOwnMetadataKeys(value as object)).toEqual([]);
    } finally {
      Object.assign(Reflect, { getOwnMetadataKeys });
    }
  });

  it('leaves the name of the method changeable, as it is by nature', () => {
    const { value } = apply(guarded(breaker), async () => 1);
    expect(Object.getOwnPropertyDescriptor(value, 'name')?.configurable).toBe(true);
  });

  it.each([undefined, null, {}, 'breaker', () => 1])('refuses %o as a policy', (policy) => {
    expect(() => guarded(policy as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        option: 'policy',
        allowed: 'a policy, a pipeline or a circuit breaker',
      }),
    );
  });

  it('refuses to repeat what nobody said may be repeated', () => {
    const unsafe = async () => 1;
    expect(() => apply(guarded(again as never) as never, unsafe)).toThrow(
      expect.objectContaining({ code: 'NOT_REPEATABLE' }),
    );
    expect(() => apply(guarded(again, 'idempotent') as never, unsafe)).not.toThrow();
    expect(() => guarded(again, 'often' as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'declaredAs' }),
    );
  });

  it.each<[what: string, args: unknown[]]>([
    ['a field, legacy', [{}, 'field', undefined]],
    ['nothing, legacy', [{}, null, undefined]],
    ['a getter, legacy', [{}, 'field', { get: () => 1 }]],
    ['a field', [undefined, { kind: 'field', name: 'x' }]],
    ['a getter', [() => 1, { kind: 'getter', name: 'x' }]],
    ['a class', [class {}, { kind: 'class', name: 'x' }]],
  ])('refuses what is no method: %s', (_what, args) => {
    const decorator = guarded(breaker) as unknown as (...args: unknown[]) => unknown;
    expect(() => decorator(...args)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        option: 'method',
        allowed: 'a method of a class',
      }),
    );
  });
});
