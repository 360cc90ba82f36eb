import { describe, expect, it } from 'vitest';
import { CircuitBreaker, executeIterable, type Settled } from '../index.js';
import { ManualClock } from '../testing/manual-clock.js';

const down = new Error('down');

const make = (options = {}) =>
  new CircuitBreaker({ name: 'rows', minimumCalls: 2, clock: new ManualClock(), ...options });

const totals = (breaker: CircuitBreaker) => {
  const { inFlight, totals } = breaker.stats();
  const { succeeded, failed, ignored } = totals;
  return { inFlight, succeeded, failed, ignored };
};

async function* numbers(to: number): AsyncGenerator<number, string, undefined> {
  for (let number = 1; number <= to; number += 1) yield number;
  return 'all';
}

const collect = async <T>(iterable: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const one of iterable) all.push(one);
  return all;
};

describe('an iteration through a breaker', () => {
  it('counts as a success at its end, not at its start', async () => {
    const breaker = make();
    const rows = executeIterable(breaker, () => numbers(2));
    expect(await rows.next()).toEqual({ done: false, value: 1 });
    expect(await rows.next()).toEqual({ done: false, value: 2 });
    expect(totals(breaker)).toEqual({ inFlight: 1, succeeded: 0, failed: 0, ignored: 0 });
    expect(await rows.next()).toEqual({ done: true, value: 'all' });
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 1, failed: 0, ignored: 0 });
    expect(await rows.next()).toEqual({ done: true, value: undefined });
    expect(totals(breaker).succeeded).toBe(1);
  });

  it('counts as a failure when it throws, by what is thrown', async () => {
    const breaker = make();
    const broken = async function* () {
      yield 1;
      throw down;
    };
    const rows = executeIterable(breaker, broken);
    await rows.next();
    await expect(rows.next()).rejects.toBe(down);
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 0, failed: 1, ignored: 0 });
  });

  it('has its breaker’s classifier judge its end or its error', async () => {
    const settled: Settled[] = [];
    const breaker = make({
      classify: (one: Settled) => {
        settled.push(one);
        return 'ignored';
      },
    });
    await collect(executeIterable(breaker, () => numbers(1)));
    await expect(executeIterable(breaker, () => Promise.reject(down)).next()).rejects.toBe(down);
    expect(settled).toEqual([
      { status: 'fulfilled', value: 'all' },
      { status: 'rejected', error: down },
    ]);
  });

  it('has counted before its consumer knows', async () => {
    const breaker = make({ minimumCalls: 1 });
    const broken = async function* () {
      yield 1;
      throw down;
    };
    const rows = executeIterable(breaker, broken);
    await rows.next();
    expect(await rows.next().catch(() => breaker.state)).toBe('open');
  });

  it('is ignored when its consumer breaks off, and cleans up', async () => {
    const breaker = make();
    let cleaned = false;
    const rows = async function* () {
      try {
        yield* [1, 2, 3];
      } finally {
        cleaned = true;
      }
    };
    for await (const row of executeIterable(breaker, rows)) {
      if (row === 2) break;
    }
    expect(cleaned).toBe(true);
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 0, failed: 0, ignored: 1 });
  });

  it('hands on what return() is given, and what cleaning up still yields', async () => {
    const breaker = make();
    const rows = async function* (): AsyncGenerator<string, string, undefined> {
      try {
        yield 'row';
      } finally {
        yield 'last words';
      }
      return 'unreachable';
    };
    const iteration = executeIterable(breaker, rows);
    await iteration.next();
    expect(await iteration.return('enough')).toEqual({ done: false, value: 'last words' });
    expect(totals(breaker).inFlight).toBe(1);
    expect(await iteration.next()).toEqual({ done: true, value: 'enough' });
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 0, failed: 0, ignored: 1 });
  });

  it('fails when cleaning up throws: that is news of the other side', async () => {
    const breaker = make();
    const rows = async function* (): AsyncGenerator<string, void, undefined> {
      try {
        yield 'row';
      } finally {
        await Promise.reject(down);
      }
    };
    const iteration = executeIterable(breaker, rows);
    await iteration.next();
    await expect(iteration.return(undefined)).rejects.toBe(down);
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 0, failed: 1, ignored: 0 });
  });

  it('hands on what next() sends in', async () => {
    const echo = async function* (): AsyncGenerator<string, string, string> {
      let said = 'nothing';
      while (said !== 'bye') said = yield `heard ${said}`;
      return 'done';
    };
    const iteration = executeIterable(make(), echo);
    await iteration.next('dropped, as by any generator');
    expect(await iteration.next('hello')).toEqual({ done: false, value: 'heard hello' });
    expect(await iteration.next('bye')).toEqual({ done: true, value: 'done' });
  });

  it('hands on what throw() throws in, and goes on if that is caught', async () => {
    const breaker = make();
    const forgiving = async function* (): AsyncGenerator<unknown, string, undefined> {
      try {
        yield 'row';
      } catch (error) {
        yield error;
      }
      throw down;
    };
    const iteration = executeIterable(breaker, forgiving);
    await iteration.next();
    const mine = new Error('mine');
    expect(await iteration.throw(mine)).toEqual({ done: false, value: mine });
    await expect(iteration.next()).rejects.toBe(down);
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 0, failed: 1, ignored: 0 });
  });

  it('is ignored when what the consumer throws in ends it', async () => {
    const breaker = make();
    const iteration = executeIterable(breaker, () => numbers(2));
    await iteration.next();
    await expect(iteration.throw(down)).rejects.toBe(down);
    const plain = executeIterable(breaker, () => [1, 2]);
    await plain.next();
    await expect(plain.throw(down)).rejects.toBeInstanceOf(Error);
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 0, failed: 0, ignored: 2 });
  });

  it('takes whatever can be iterated, also promised', async () => {
    const breaker = make();
    expect(await collect(executeIterable(breaker, () => [1, 2]))).toEqual([1, 2]);
    expect(await collect(executeIterable(breaker, () => new Set([3])))).toEqual([3]);
    expect(await collect(executeIterable(breaker, async () => numbers(1)))).toEqual([1]);
    expect(await collect(executeIterable(breaker, () => 'ab'))).toEqual(['a', 'b']);
    expect(totals(breaker).succeeded).toBe(4);
  });

  it('counts an operation that fails before there is anything to iterate', async () => {
    const breaker = make();
    const thrown = () => {
      throw down;
    };
    await expect(executeIterable(breaker, thrown).next()).rejects.toBe(down);
    await expect(executeIterable(breaker, () => Promise.reject(down)).next()).rejects.toBe(down);
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 0, failed: 2, ignored: 0 });
  });

  it('asks the breaker for nothing until it is begun', async () => {
    const breaker = make();
    const never = executeIterable(breaker, () => numbers(1));
    const given = executeIterable(breaker, () => numbers(1));
    expect(await given.return('at once')).toEqual({ done: true, value: 'at once' });
    await expect(executeIterable(breaker, () => numbers(1)).throw(down)).rejects.toBe(down);
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 0, failed: 0, ignored: 0 });
    breaker.holdOpen();
    await expect(never.next()).rejects.toMatchObject({ code: 'BREAKER_OPEN', reason: 'heldOpen' });
    expect(breaker.stats().totals.rejected).toBe(1);
  });

  it('waits for a trial’s place where callers may', async () => {
    const clock = new ManualClock();
    const halfOpen = { trials: 2, maxWaiting: 1 };
    const breaker = make({ clock, openForMs: 1000, halfOpen });
    breaker.trip();
    clock.advance(1000);
    const trial = breaker.tryAcquire();
    const rows = executeIterable(breaker, () => numbers(1));
    const first = rows.next();
    expect(breaker.stats().waiting).toBe(1);
    trial?.success();
    expect(await first).toEqual({ done: false, value: 1 });
    await rows.next();
    expect(breaker.state).toBe('closed');
  });

  it('refuses what is no function, and what cannot be iterated', async () => {
    const breaker = make();
    expect(() => executeIterable(breaker, [1] as never)).toThrow("Option 'operation'");
    for (const nothing of [1, null, undefined, {}] as never[]) {
      await expect(executeIterable(breaker, () => nothing).next()).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        option: 'operation',
        allowed: 'a function that gives something to iterate',
      });
    }
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 0, failed: 0, ignored: 4 });
  });
});
