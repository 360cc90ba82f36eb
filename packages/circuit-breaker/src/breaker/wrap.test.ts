import { describe, expect, it, vi } from 'vitest';
import { down, setup } from '../../test/support/breaker-setup.js';
import { deferred } from '../../test/support/deferred.js';
import { asThenable } from '../../test/support/thenable.js';

/** A service whose method needs its `this`. */
class Service {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async greet(...names: string[]): Promise<string> {
    return `${this.#name} greets ${names.join(', ')}`;
  }
}

describe.each([
  ['a breaker that lets all through', {}],
  ['a breaker that times its calls', { latency: true }],
  ['a breaker that counts nothing', { mode: 'disabled' as const }],
  ['a breaker of trials', { halfOpen: { trials: 5 } }],
])('a function wrapped by %s', (what, options) => {
  const begin = () => {
    const parts = setup({ minimumCalls: 10, ...options });
    if (what.includes('trials')) {
      parts.breaker.trip();
      parts.clock.advance(1000);
    }
    return parts;
  };

  it('keeps this and the arguments', async () => {
    const { breaker } = begin();
    const ada = Object.assign(new Service('Ada'), {
      // oxlint-disable-next-line typescript/unbound-method -- `this` is what the test is about
      greet: breaker.wrap(Service.prototype.greet),
    });
    await expect(ada.greet('Bo', 'Cy')).resolves.toBe('Ada greets Bo, Cy');
    await expect(ada.greet()).resolves.toBe('Ada greets ');
  });

  it('ends as the function does, also if that throws at once or gives any thenable', async () => {
    const { breaker } = begin();
    const thrown = breaker.wrap((): Promise<never> => {
      throw down;
    });
    await expect(thrown()).rejects.toBe(down);
    const { breaker: other } = begin();
    await expect(other.wrap(() => Promise.reject(down))()).rejects.toBe(down);
    const third = begin().breaker;
    await expect(third.wrap(() => asThenable(7))()).resolves.toBe(7);
    for (const each of [breaker, other, third]) expect(each.stats().inFlight).toBe(0);
  });
});

describe('a wrapped function', () => {
  it('counts as execute does', async () => {
    const { breaker, heard } = setup({ minimumCalls: 10 });
    const work = deferred<number>();
    const wrapped = breaker.wrap(() => work.promise);
    const calls = [wrapped(), wrapped()];
    expect(breaker.stats().inFlight).toBe(2);
    work.resolve(1);
    await Promise.all(calls);
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { succeeded: 2 } });
    expect(heard.map(([name]) => name)).toEqual(['succeeded', 'succeeded']);
  });

  it('is refused as execute is, and not called', async () => {
    const { breaker, heard } = setup();
    const fn = vi.fn(async () => 1);
    const wrapped = breaker.wrap(fn);
    breaker.trip();
    heard.length = 0;
    await expect(wrapped()).rejects.toMatchObject({ code: 'BREAKER_OPEN', reason: 'open' });
    expect(fn).not.toHaveBeenCalled();
    expect(heard.map(([name]) => name)).toEqual(['rejected']);
  });

  it('goes by the breaker’s state at each call', async () => {
    const { breaker, clock } = setup({ halfOpen: { trials: 1 } });
    const wrapped = breaker.wrap(async () => 'ok');
    await expect(wrapped()).resolves.toBe('ok');
    breaker.trip();
    await expect(wrapped()).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    clock.advance(1000);
    await expect(wrapped()).resolves.toBe('ok');
    expect(breaker.state).toBe('closed');
    breaker.shutDown();
    await expect(wrapped()).rejects.toMatchObject({ code: 'BREAKER_SHUT_DOWN' });
  });

  it('is late if the breaker changed while it ran', async () => {
    const { breaker } = setup();
    const work = deferred<number>();
    const call = breaker.wrap(() => work.promise)();
    breaker.reset();
    work.resolve(1);
    await expect(call).resolves.toBe(1);
    expect(breaker.stats()).toMatchObject({ window: { calls: 0 }, totals: { late: 1 } });
  });

  it('must be a function', () => {
    expect(() => setup().breaker.wrap(undefined as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'operation' }),
    );
  });
});
