import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { inner } from '../breaker/inner.js';
import { ManualClock } from '../testing/manual-clock.js';
import { BreakerGroup, type BreakerGroupOptions } from './breaker-group.js';
import { CircuitBreakerRegistry } from './registry.js';

const down = new Error('down');

const setup = (options: Partial<BreakerGroupOptions> = {}) => {
  const clock = new ManualClock();
  const group = new BreakerGroup({
    name: 'hosts',
    minimumCalls: 2,
    openForMs: 1000,
    clock,
    ...options,
  });
  const changes: string[] = [];
  group.registry.changes.on('registered', ({ breaker }) => changes.push(`+ ${breaker.name}`));
  group.registry.changes.on('removed', ({ breaker, reason }) =>
    changes.push(`- ${breaker} ${reason}`),
  );
  return { clock, group, changes };
};

const call = (breaker: CircuitBreaker, outcome: 'success' | 'failure', times = 1) => {
  for (let made = 0; made < times; made += 1) breaker.tryAcquire()?.[outcome]();
};

describe('a group', () => {
  it('has one breaker for each key, made when it is first asked for', async () => {
    const { group, changes } = setup({ tags: ['http'] });
    expect(await group.execute('a', () => 1)).toBe(1);
    const a = group.get('a');
    expect([a.name, a.tags]).toEqual(['hosts:a', ['http', 'hosts']]);
    expect(group.get('a')).toBe(a);
    await expect(group.execute('b', () => Promise.reject(down))).rejects.toBe(down);
    expect(group.registry.list()).toEqual([a, group.get('b')]);
    expect(group.list()).toEqual(group.registry.list());
    expect(a.stats().totals).toMatchObject({ succeeded: 1, failed: 0 });
    expect(changes).toEqual(['+ hosts:a', '+ hosts:b']);
    expect([group.size, group.peek('c'), group.size]).toEqual([2, undefined, 2]);
    expect(group.peek('a')).toBe(a);
  });

  it('opens one key and leaves the others alone', async () => {
    const { group } = setup();
    call(group.get('a'), 'failure', 2);
    await expect(group.execute('a', () => 1)).rejects.toMatchObject({
      code: 'BREAKER_OPEN',
      breaker: 'hosts:a',
    });
    expect(await group.execute('b', () => 1)).toBe(1);
  });

  it('hands the caller’s signal on', async () => {
    const { group } = setup();
    const signal = AbortSignal.abort('enough');
    await expect(group.execute('a', () => 1, { signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  it('lives in the registry it is given, with its holds, its events and its clock', () => {
    const clock = new ManualClock();
    const registry = new CircuitBreakerRegistry({ clock });
    const heard: string[] = [];
    registry.events.on('opened', ({ breaker }) => heard.push(breaker));
    const { name, ...options } = { name: 'hosts', registry, openForMs: 1000 };
    const group = new BreakerGroup({ name, ...options });
    const hold = registry.holdOpen({ tag: 'hosts' });
    expect(group.get('a').state).toBe('open');
    hold.release();
    group.get('b').trip();
    clock.advance(1000);
    expect(group.get('b').state).toBe('halfOpen');
    expect(heard).toEqual(['hosts:a', 'hosts:b']);
  });

  it('has its error hook told of its registry’s listeners', () => {
    const onListenerError = vi.fn();
    const { group } = setup({ onListenerError });
    group.registry.events.on('opened', () => {
      throw down;
    });
    group.get('a').trip();
    expect(onListenerError).toHaveBeenCalledExactlyOnceWith({
      kind: 'listener',
      name: 'opened',
      error: down,
    });
  });

  it('forgets a key when asked, and when its registry is', () => {
    const { group, changes } = setup();
    const a = group.get('a');
    group.get('b');
    expect([group.delete('a'), group.delete('a')]).toEqual([true, false]);
    group.registry.delete('hosts:b');
    expect([group.keys(), a.isShutDown]).toEqual([[], false]);
    expect(group.get('a')).not.toBe(a);
    expect(changes.slice(2)).toEqual(['- hosts:a deleted', '- hosts:b deleted', '+ hosts:a']);
  });

  it('refuses impossible options at once, and impossible keys', async () => {
    const refused = (options: object, option: string) =>
      expect(() => setup(options)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', option }),
      );
    refused({ name: ' ' }, 'name');
    refused({ maxKeys: 0 }, 'maxKeys');
    refused({ maxKeys: 1.5 }, 'maxKeys');
    refused({ outlier: { peers: 1 } }, 'outlier.peers');
    for (const registry of [{}, null, 5, new Map()]) refused({ registry }, 'registry');
    refused({ failureRate: 2 }, 'failureRate');
    refused({ maxkeys: 2 }, 'maxkeys');
    expect(() => setup({ maxKeys: 0 })).toThrow('a whole number from 1 to 1000000 (keys)');
    expect(() => setup({ registry: {} as never })).toThrow('must be a CircuitBreakerRegistry;');
    expect(() => new BreakerGroup(undefined as never)).toThrow("Option 'name'");
    const { group } = setup();
    await expect(group.execute('', () => 1)).rejects.toMatchObject({ option: 'key' });
    expect(() => group.get(5 as never)).toThrow("Option 'key'");
  });

  it('reads its options once: what becomes of them later changes no breaker', () => {
    const window = { kind: 'count' as const, size: 20 };
    const backoff = { kind: 'constant' as const, delayMs: 500 };
    const tags = ['http'];
    let reads = 0;
    const options = {
      window,
      tags,
      openForMs: backoff,
      get failureRate() {
        reads += 1;
        return reads === 1 ? 0.25 : 7;
      },
    };
    const { group } = setup(options);
    const settingsOf = (key: string) => group.get(key)[inner].machine.settings;
    const first = settingsOf('a');
    window.size = -1;
    backoff.delayMs = -1;
    tags.push('late');
    expect(settingsOf('b')).toEqual(first);
    expect(first).toMatchObject({ window: { size: 20 }, openForMs: { delayMs: 500 } });
    expect(group.get('b').tags).toEqual(['http', 'hosts']);
    expect(Object.isFrozen(group.get('b').tags)).toBe(true);
  });

  it.each([
    { window: { kind: 'consecutive' } },
    { window: { kind: 'time' }, slowCalls: { thresholdMs: 5 }, rampUp: {}, latency: true },
    { window: { kind: 'ewma' }, openForMs: () => 5, failureRate: false, consecutiveFailures: 3 },
    { window: { kind: 'count', size: 3 }, minimumCalls: undefined },
    { openForMs: { kind: 'exponential', maxMs: 100_000 }, halfOpen: { trials: 5 } },
  ] as Partial<BreakerGroupOptions>[])('makes its breakers as any other with %o', (options) => {
    const { clock, group } = setup(options);
    const alone = new CircuitBreaker({
      name: 'alone',
      minimumCalls: 2,
      openForMs: 1000,
      clock,
      ...options,
    });
    expect(group.get('a')[inner].machine.settings).toEqual(alone[inner].machine.settings);
  });

  it('refuses the name of another group of its registry, which keeps its keys', () => {
    const registry = new CircuitBreakerRegistry();
    const group = new BreakerGroup({ name: 'hosts', registry, maxKeys: 1 });
    group.get('a');
    const again = () => new BreakerGroup({ name: 'hosts', registry, maxKeys: 1 });
    expect(again).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        option: 'name',
        allowed: 'the name of no other group of its registry',
      }),
    );
    expect(again).toThrow("it is 'hosts'.");
    expect(group.keys()).toEqual(['a']);
    expect(new BreakerGroup({ name: 'tenants', registry }).get('a').name).toBe('tenants:a');
    expect(new BreakerGroup({ name: 'hosts' }).get('a').name).toBe('hosts:a');
  });

  it('takes no name where another option is refused', () => {
    const registry = new CircuitBreakerRegistry();
    expect(() => new BreakerGroup({ name: 'hosts', registry, maxKeys: 0 })).toThrow('maxKeys');
    expect(new BreakerGroup({ name: 'hosts', registry }).size).toBe(0);
  });

  it('refuses a key whose name is another’s in the registry', () => {
    const registry = new CircuitBreakerRegistry();
    registry.getOrCreate({ name: 'hosts:a', failureRate: 0.1 });
    const group = new BreakerGroup({ name: 'hosts', registry });
    expect(() => group.get('a')).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(group.size).toBe(0);
  });
});

describe('the update of a group', () => {
  const settingsOf = (group: BreakerGroup, key: string) => group.get(key)[inner].machine.settings;

  it('changes all keys, now and later, and keeps their states', () => {
    const { group } = setup({ halfOpen: { trials: 5 } });
    call(group.get('a'), 'failure', 2);
    group.get('b');
    group.update({ failureRate: 0.1, halfOpen: { maxConcurrent: 2 }, window: { kind: 'time' } });
    const changed = { failureRate: 0.1, halfOpen: { trials: 5, maxConcurrent: 2 } };
    for (const key of ['a', 'b', 'c']) {
      expect(settingsOf(group, key)).toMatchObject({ ...changed, window: { kind: 'time' } });
    }
    expect([group.get('a').state, group.get('c').state]).toEqual(['open', 'closed']);
    group.update({ failureRate: 0.2 });
    expect(settingsOf(group, 'd')).toMatchObject({ ...changed, failureRate: 0.2 });
  });

  it('changes nothing if it is refused, be it by a single key', () => {
    const { group } = setup();
    const [first, second] = [settingsOf(group, 'a'), group.get('b')];
    expect(() => group.update({ failureRate: 2 })).toThrow("Option 'failureRate'");
    expect(() => group.update({ name: 'x' } as never)).toThrow("Option 'name'");
    for (const nothing of [null, 5, 'text'] as never[]) {
      expect(() => group.update(nothing)).toThrow("Option 'options'");
    }
    expect(() => group.update({ window: null } as never)).toThrow("Option 'window'");
    second.update({ halfOpen: { trials: 2 } });
    expect(() => group.update({ halfOpen: { maxConcurrent: 3 } })).toThrow(
      "Option 'halfOpen.maxConcurrent'",
    );
    expect(settingsOf(group, 'a')).toBe(first);
    expect(settingsOf(group, 'c')).toEqual(first);
  });

  it('is the same for all, whatever those who hear of it do', () => {
    const { group } = setup();
    const window = { kind: 'count' as const, size: 20 };
    group.get('a');
    group.get('b');
    group.registry.events.once('updated', () => {
      window.size = 30;
      group.get('made meanwhile');
    });
    group.update({ window });
    for (const key of group.keys())
      expect(settingsOf(group, key).window).toMatchObject({ size: 20 });
    expect(group.size).toBe(3);
  });
});

describe('a group with too many keys', () => {
  it('drops the one that was asked for least recently, and tells so', () => {
    const { group, changes } = setup({ maxKeys: 2 });
    group.get('a');
    group.get('b');
    group.get('b');
    group.get('a');
    group.peek('b');
    group.get('c');
    expect(group.keys()).toEqual(['a', 'c']);
    expect(changes.slice(2)).toEqual(['+ hosts:c', '- hosts:b evicted']);
    expect(group.registry.get('hosts:b')).toBeUndefined();
  });

  it('takes no more events of a dropped one, which works on for those who have it', async () => {
    const { group } = setup({ maxKeys: 1 });
    const heard = vi.fn();
    group.registry.events.on('succeeded', heard);
    const a = group.get('a');
    group.get('b');
    expect(await a.execute(() => 1)).toBe(1);
    expect(heard).not.toHaveBeenCalled();
  });

  it('drops first what is least of a loss: idle, then half-open, open, in use, held', async () => {
    const { clock, group } = setup({ maxKeys: 5 });
    group.get('held').holdClosed();
    group.get('inUse').tryAcquire();
    group.get('halfOpen').trip({ openForMs: 1 });
    clock.advance(1);
    group.get('open').trip();
    group.get('idle');
    const dropped: string[] = [];
    group.registry.changes.on('removed', ({ breaker }) => dropped.push(breaker.slice(6)));
    for (const key of ['1', '2', '3', '4', '5']) group.get(key).tryAcquire();
    expect(dropped).toEqual(['idle', 'halfOpen', 'open', 'inUse', '1']);
    expect(group.keys()).toEqual(['held', '2', '3', '4', '5']);
    for (const key of group.keys()) group.get(key).holdOpen();
    group.get('6');
    expect(group.keys()).toEqual(['2', '3', '4', '5', '6']);
  });

  it('never grows beyond its bound, even if listeners ask for keys', () => {
    const { group } = setup({ maxKeys: 2 });
    group.registry.changes.on('removed', ({ breaker }) => {
      if (breaker === 'hosts:a') group.get('greedy');
    });
    for (const key of ['a', 'b', 'c', 'd']) group.get(key);
    expect(group.size).toBe(2);
    expect(group.registry.list()).toHaveLength(2);
  });

  it('is as its model, whatever is done to it', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      what: fc.constantFrom('get', 'get', 'get', 'acquire', 'release', 'trip', 'delete'),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step), (maxKeys, steps) => {
        const { group } = setup({ maxKeys });
        const permits = new Map<string, ReturnType<CircuitBreaker['tryAcquire']>>();
        let model: { key: string; state: 'idle' | 'open' | 'used' }[] = [];
        const use = (key: string) => {
          const known = model.find((one) => one.key === key);
          if (known === undefined && model.length === maxKeys) {
            const least = (['idle', 'open', 'used'] as const)
              .flatMap((state) => model.filter((one) => one.state === state))
              .at(0);
            model = model.filter((one) => one !== least);
          }
          const one = known ?? { key, state: 'idle' as const };
          model = [...model.filter((other) => other !== one), one];
          return one as (typeof model)[number];
        };
        for (const { key, what } of steps) {
          if (what === 'delete') {
            group.delete(key);
            model = model.filter((one) => one.key !== key);
            continue;
          }
          const one = use(key);
          const breaker = group.get(key);
          if (one.state === 'idle' && what === 'acquire') {
            permits.set(key, breaker.tryAcquire());
            one.state = 'used';
          } else if (one.state === 'used' && what === 'release') {
            permits.get(key)?.ignore();
            one.state = 'idle';
          } else if (one.state === 'idle' && what === 'trip') {
            breaker.trip();
            one.state = 'open';
          }
          expect(group.keys()).toEqual(model.map((one) => one.key));
        }
      }),
    );
  });
});

describe('a group that compares its keys', () => {
  const five = ['a', 'b', 'c', 'd', 'e'];
  const outlier = { minimumCalls: 10, maxOpenShare: 0.4, intervalMs: 1000 };

  const compared = (options: Partial<BreakerGroupOptions> = {}) => {
    const parts = setup({
      failureRate: 0.9,
      minimumCalls: 1000,
      window: { kind: 'time' },
      outlier,
      ...options,
    });
    const opened: string[] = [];
    parts.group.registry.events.on('opened', ({ breaker, reason }) =>
      opened.push(`${breaker} ${reason}`),
    );
    const load = (failures: Record<string, number>) => {
      for (const key of five) {
        const breaker = parts.group.get(key);
        call(breaker, 'success', 10 - (failures[key] ?? 0));
      }
      for (const [key, times] of Object.entries(failures)) {
        call(parts.group.get(key), 'failure', times);
      }
    };
    return { ...parts, opened, load };
  };

  it('opens the odd one out, at the first failure after the interval', () => {
    const { clock, group, opened, load } = compared();
    load({ c: 5 });
    expect(opened).toEqual([]);
    clock.advance(999);
    call(group.get('c'), 'failure');
    expect(opened).toEqual([]);
    clock.advance(1);
    call(group.get('a'), 'failure');
    expect(opened).toEqual(['hosts:c outlier']);
    expect(group.get('c').retryAfterMs()).toBe(1000);
  });

  it('tells the failure first, and then what came of it', () => {
    const { clock, group, load } = compared();
    const heard: string[] = [];
    load({ c: 5 });
    clock.advance(1000);
    for (const event of ['failed', 'opened'] as const) {
      group.registry.events.on(event, ({ breaker }) => heard.push(`${event} ${breaker}`));
    }
    call(group.get('c'), 'failure');
    expect(heard).toEqual(['failed hosts:c', 'opened hosts:c']);
  });

  it('overlooks keys that were never called', () => {
    const { clock, group, opened, load } = compared();
    group.get('idle');
    load({ c: 5 });
    clock.advance(1000);
    call(group.get('a'), 'failure');
    expect(opened).toEqual(['hosts:c outlier']);
  });

  it('hears of failures, and otherwise of nothing', () => {
    const hears = (group: BreakerGroup) =>
      (['failed', 'succeeded'] as const).map((event) => group.get('a').events.hears(event));
    expect(hears(compared().group)).toEqual([true, false]);
    expect(hears(compared({ outlier: false }).group)).toEqual([false, false]);
  });

  it('opens nobody where all fail', () => {
    const { clock, group, opened, load } = compared();
    load({ a: 5, b: 5, c: 5, d: 5, e: 5 });
    clock.advance(1000);
    call(group.get('e'), 'failure');
    expect(opened).toEqual([]);
  });

  it.each([
    [[], ['hosts:d outlier', 'hosts:c outlier']],
    [['a'], ['hosts:d outlier']],
    [['a', 'b'], []],
  ])(
    'opens no more than a share of the keys, worst first, with %j open already',
    (open, expected) => {
      const options = { ...outlier, deviations: 0.4, minimumPeers: 3 };
      const { clock, group, opened, load } = compared({ outlier: options });
      load({ c: 8, d: 9 });
      for (const key of open) group.get(key).trip();
      opened.length = 0;
      clock.advance(1000);
      call(group.get('d'), 'failure');
      expect(opened).toEqual(expected);
    },
  );

  it('may always open one', () => {
    const { clock, group, opened, load } = compared({ outlier: { ...outlier, maxOpenShare: 0.1 } });
    load({ d: 9 });
    clock.advance(1000);
    call(group.get('d'), 'failure');
    expect(opened).toEqual(['hosts:d outlier']);
  });

  it('looks at no key with few calls, and at none that is held', () => {
    const { clock, group, opened, load } = compared();
    load({});
    call(group.get('f'), 'failure', 9);
    clock.advance(1000);
    call(group.get('e'), 'failure');
    expect(opened).toEqual([]);
    group.get('c').holdClosed();
    call(group.get('c'), 'failure', 10);
    clock.advance(1000);
    call(group.get('c'), 'failure');
    expect(opened).toEqual([]);
  });

  it('does not let a key that is held take the place of another', () => {
    const { clock, group, opened, load } = compared({
      outlier: { ...outlier, deviations: 0.5, maxOpenShare: 0.2, minimumPeers: 3 },
    });
    load({ c: 9, d: 7 });
    group.get('c').holdClosed();
    clock.advance(1000);
    call(group.get('d'), 'failure');
    expect(opened).toEqual(['hosts:d outlier']);
  });

  it('looks at nothing while all succeed, whatever else is listened for', () => {
    const { clock, group, opened, load } = compared();
    group.registry.events.on('succeeded', () => {});
    load({ c: 8 });
    clock.advance(1000);
    call(group.get('a'), 'success');
    expect(opened).toEqual([]);
  });

  it('looks at nothing while nothing fails, or where it is not asked to', () => {
    const { clock, group, opened, load } = compared({ outlier: false });
    load({ c: 8 });
    clock.advance(1000);
    call(group.get('c'), 'failure');
    expect(opened).toEqual([]);
    expect(group.get('c').stats().window.failures).toBe(9);
  });
});
