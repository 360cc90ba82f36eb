import { describe, expect, it } from 'vitest';
import {
  ONE,
  openFakeSource,
  PRIMARY,
  SELECTION_MS,
  TWO,
  turn,
} from '../../test/support/fake-members.js';

const SLOW_MS = 1_500;

/** Members that answer after 5 ms, and `replica1`, which the test may slow down. */
const openSet = (options: Parameters<typeof openFakeSource>[1] = {}) => {
  const set = openFakeSource([PRIMARY, ONE, TWO], {
    memberBreaker: { minimumCalls: 3, consecutiveFailures: 5, openForMs: 5_000 },
    ...options,
  });
  const slow = new Set<string>();
  set.answerWith(
    (member) =>
      new Promise((resolve) => {
        set.clock.setTimer(() => resolve([]), slow.has(member) ? SLOW_MS : 5);
      }),
  );
  const hedged: unknown[] = [];
  set.events.on('hedged', (event) => {
    hedged.push(event);
  });
  const pipelineClass = set.classOf({ hedgeDelayMs: 20, maxTimeMs: 5_000 });
  const read = () => set.fetch({}, { pipelineClass });
  /** Earns tokens and times. */
  const warmUp = async (reads: number) => {
    for (let n = 0; n < reads; n += 1) {
      const reading = read();
      await set.clock.advanceAsync(5);
      await reading;
    }
    set.asked.length = 0;
  };
  const breakerOf = (address: string) =>
    set.source.members().find((member) => member.address === address)?.breaker;
  return { ...set, slow, hedged, read, warmUp, breakerOf };
};

describe('a read that takes long', () => {
  it('is asked of the next member too, and the first answer wins', async () => {
    const { clock, slow, warmUp, read, asked, hedged, source } = openSet();
    await warmUp(20);
    slow.add('replica1');
    const reading = read();
    await clock.advanceAsync(19);
    expect(asked).toEqual(['replica1']);
    await clock.advanceAsync(6);
    const answer = await reading;
    expect(answer.member.address).toBe('b');
    expect(answer.attempts).toEqual([
      { member: 'b', outcome: 'answered' },
      { member: 'a', outcome: 'overtaken' },
    ]);
    expect(asked).toEqual(['replica1', 'replica2']);
    expect(hedged).toEqual([{ pipelineClass: 'x', member: 'b', delayMs: 20 }]);
    expect(source.members()).toMatchObject([
      { address: 'p', asked: 0, hedged: 0 },
      { address: 'a', asked: 21, hedged: 0 },
      { address: 'b', asked: 1, hedged: 1 },
    ]);
  });

  it('is not, as long as no extra read is earned', async () => {
    const { clock, slow, warmUp, read, asked } = openSet();
    await warmUp(18);
    slow.add('replica1');
    const reading = read();
    await clock.advanceAsync(SLOW_MS);
    expect((await reading).member.address).toBe('a');
    expect(asked).toEqual(['replica1']);
  });

  it('is asked of nobody who would keep it waiting', async () => {
    const { clock, slow, warmUp, read, asked, source } = openSet({
      primaryShare: 0,
      maxPoolSize: 1,
    });
    await warmUp(40);
    slow.add('replica1').add('replica2');
    const readings = [read()];
    await clock.advanceAsync(20);
    expect(asked).toEqual(['replica1', 'replica2']);
    // Both are busy, and the primary takes nothing.
    readings.push(read());
    await clock.advanceAsync(100);
    expect(asked).toHaveLength(2);
    await clock.advanceAsync(5 * SLOW_MS);
    await Promise.all(readings);
    source.close();
  });

  it('makes its member slow in the eyes of its breaker, which opens within a second', async () => {
    const { clock, slow, warmUp, read, breakerOf, asked } = openSet();
    await warmUp(1_000);
    slow.add('replica1');
    const from = clock.now();
    const tookMs: number[] = [];
    const runs = Array.from({ length: 8 }, async () => {
      while (clock.now() < from + 3_000) {
        const startedAt = clock.now();
        await read();
        tookMs.push(clock.now() - startedAt);
      }
    });
    let openedAt: number | undefined;
    while (clock.now() < from + 3_000 + SLOW_MS) {
      await clock.advanceAsync(1);
      if (openedAt === undefined && breakerOf('a') === 'open') openedAt = clock.now();
    }
    await Promise.all(runs);
    expect((openedAt ?? Number.POSITIVE_INFINITY) - from).toBeLessThanOrEqual(1_000);
    tookMs.sort((one, other) => one - other);
    expect(tookMs[Math.floor(tookMs.length * 0.99)]).toBeLessThanOrEqual(20 + 2 * 5);
    const extra = asked.length - tookMs.length;
    expect(extra).toBeLessThanOrEqual((1_000 + tookMs.length) * 0.05);
  }, 60_000);

  it('says nothing against a member that answers a little later', async () => {
    const { clock, warmUp, read, breakerOf, answerWith } = openSet();
    await warmUp(200);
    answerWith(
      (member) =>
        new Promise((resolve) => {
          clock.setTimer(() => resolve([]), member === 'replica1' ? 60 : 5);
        }),
    );
    for (let n = 0; n < 8; n += 1) {
      const reading = read();
      await clock.advanceAsync(100);
      expect((await reading).member.address).toBe('b');
    }
    expect(breakerOf('a')).toBe('closed');
  });

  it('is asked of nobody whose breaker is open', async () => {
    const { clock, warmUp, read, fetch, answerWith, hedged } = openSet();
    await warmUp(20);
    answerWith(async () => {
      throw Object.assign(new Error('busy'), { code: 462 });
    });
    await fetch(['replica2']).catch(() => {});
    answerWith(async (member) => {
      return member === 'replica1' ? new Promise(() => {}) : [];
    });
    const reading = read();
    await clock.advanceAsync(20);
    // The primary's is too.
    expect(hedged).toEqual([]);
    await clock.advanceAsync(6_000);
    await reading;
  });

  it('is not asked of a member to which all connections are taken', async () => {
    const { clock, slow, warmUp, read, fetch, hedged } = openSet({ maxPoolSize: 1 });
    await warmUp(20);
    slow.add('replica1').add('replica2');
    const other = fetch({ members: ['replica2'], maxTimeMs: 5_000 });
    const reading = read();
    await clock.advanceAsync(25);
    expect(hedged).toEqual([{ pipelineClass: 'x', member: 'p', delayMs: 20 }]);
    await clock.advanceAsync(SLOW_MS);
    await Promise.all([other, reading]);
  });

  it('is not asked of a primary that has no place for it', async () => {
    const { clock, slow, fetch, classOf, hedged } = openSet({ primaryShare: 0 });
    const pipelineClass = classOf({ members: ['replica1'], hedgeDelayMs: 20, maxTimeMs: 5_000 });
    for (let n = 0; n < 20; n += 1) {
      const reading = fetch({}, { pipelineClass });
      await clock.advanceAsync(5);
      await reading;
    }
    slow.add('replica1');
    const reading = fetch({}, { pipelineClass });
    await clock.advanceAsync(SLOW_MS);
    expect((await reading).member.address).toBe('a');
    expect(hedged).toEqual([]);
  });

  it('counts for what is usual with the time it had taken when another was quicker', async () => {
    const { clock, slow, fetch, classOf, hedged } = openSet({
      memberBreaker: { consecutiveFailures: false, failureRate: false },
    });
    const pipelineClass = classOf({ hedgeDelayMs: 'p95', maxTimeMs: 5_000 });
    const read = async (ms: number) => {
      const reading = fetch({}, { pipelineClass });
      await clock.advanceAsync(ms);
      await reading;
    };
    for (let n = 0; n < 400; n += 1) await read(5);
    slow.add('replica1');
    for (let n = 0; n < 18; n += 1) await read(30);
    const delays = hedged.map((event) => (event as { delayMs: number }).delayMs);
    expect([delays.at(0), delays.at(-1)]).toEqual([10, 15]);
  });

  it('tells nothing of the one that fails when the read is answered', async () => {
    const { clock, warmUp, read, answerWith, passedOver, breakerOf } = openSet();
    await warmUp(20);
    answerWith(
      (member) =>
        new Promise((resolve, reject) => {
          const error = Object.assign(new Error('cut'), { name: 'MongoNetworkError' });
          if (member === 'replica1') clock.setTimer(() => reject(error), 50);
          else resolve([]);
        }),
    );
    const reading = read();
    await clock.advanceAsync(20);
    await reading;
    await clock.advanceAsync(50);
    expect(passedOver).toEqual([]);
    expect(breakerOf('a')).toBe('closed');
  });

  it('is dropped where it still waits for its turn', async () => {
    const { clock, slow, warmUp, read, asked } = openSet({ maxPoolSize: 1 });
    await warmUp(60);
    slow.add('replica1');
    const readings = [read()];
    await clock.advanceAsync(10);
    readings.push(read());
    await clock.advanceAsync(30);
    await Promise.all(readings);
    await clock.advanceAsync(2 * SLOW_MS);
    // The second never got to replica1.
    expect(asked).toEqual(['replica1', 'replica2', 'replica2']);
  });

  it('ends for its caller with the signal, and goes on without it', async () => {
    const { clock, fetch, slow, breakerOf } = openSet();
    slow.add('replica1');
    const controller = new AbortController();
    const reading = fetch({}, { signal: controller.signal });
    await turn();
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await clock.advanceAsync(SLOW_MS);
    expect(breakerOf('a')).toBe('closed');
  });
});

describe('a member that is overloaded', () => {
  it('is not asked again until its breaker lets it', async () => {
    const { fetch, answerWith, asked, passedOver, breakerOf } = openSet();
    const error = Object.assign(new Error('busy'), { code: 462 });
    answerWith(async (member) => {
      if (member === 'replica1') throw error;
      return [];
    });
    await fetch();
    expect(asked).toEqual(['replica1', 'replica2']);
    expect(breakerOf('a')).toBe('open');
    await fetch();
    expect(asked).toEqual(['replica1', 'replica2', 'replica2']);
    expect(passedOver).toEqual(['a overloaded', 'a breakerOpen']);
  });
});

describe('reads that fail over to the primary', () => {
  const openBusy = () => {
    const set = openFakeSource([PRIMARY, ONE, TWO], { maxPoolSize: 4, primaryShare: 0.5 });
    const finish: (() => void)[] = [];
    set.answerWith(
      () =>
        new Promise((resolve) => {
          finish.push(() => resolve([]));
        }),
    );
    return { ...set, finish };
  };

  it('are so many at a time, whereas those that want the primary are not limited', async () => {
    const { fetch, asked, finish, change } = openBusy();
    change([PRIMARY, TWO]);
    const readings = Array.from({ length: 4 }, () => fetch(['replica1']));
    await turn();
    expect(asked).toEqual(['primary', 'primary']);
    readings.push(fetch([]));
    await turn();
    expect(asked).toHaveLength(3);
    while (finish.length > 0) {
      finish.shift()?.();
      await turn();
    }
    await Promise.all(readings);
    expect(asked).toHaveLength(5);
  });

  it('end when they have waited for as long as the class may take', async () => {
    const { fetch, clock, change, finish } = openBusy();
    change([PRIMARY, TWO]);
    const running = [fetch(['replica1']), fetch(['replica1'])];
    const late = fetch(['replica1']).catch((error: unknown) => error);
    await clock.advanceAsync(500);
    expect(await late).toMatchObject({
      code: 'NO_MEMBER',
      details: {
        passedOver: [
          { member: '{"replica":"replica1"}', reason: 'absent' },
          { member: 'p', reason: 'primaryShare' },
        ],
      },
    });
    for (const end of finish) end();
    await Promise.all(running);
  });

  it('are not limited once nobody else is well', async () => {
    const { fetch, asked, finish, change, answerWith } = openBusy();
    answerWith(async (member) => {
      if (member === 'replica2') throw Object.assign(new Error('busy'), { code: 462 });
      return new Promise((resolve) => {
        finish.push(() => resolve([]));
      });
    });
    change([PRIMARY, TWO]);
    await fetch({ members: ['replica2'], primary: 'never' }).catch(() => {});
    asked.length = 0;
    const readings = Array.from({ length: 4 }, () => fetch(['replica1']));
    await turn();
    expect(asked).toHaveLength(4);
    for (const end of finish) end();
    await Promise.all(readings);
  });

  it('are not limited once the primary is the last member', async () => {
    const { fetch, change, asked, finish } = openBusy();
    change([PRIMARY, TWO]);
    const readings = Array.from({ length: 4 }, () => fetch(['replica1']));
    await turn();
    expect(asked).toHaveLength(2);
    change([PRIMARY]);
    await turn();
    expect(asked).toHaveLength(4);
    for (const end of finish) end();
    await Promise.all(readings);
  });
});

describe('the start', () => {
  it('tells once which tags nobody has, and serves from what there is', async () => {
    const { source, fetch, events, classOf, change } = openFakeSource([PRIMARY, TWO]);
    const told: unknown[] = [];
    events.on('topologyNoticed', (event) => {
      told.push(event);
    });
    const pipelineClass = classOf({ members: ['replica1', 'replica2'] });
    await fetch({}, { pipelineClass });
    await fetch({}, { pipelineClass });
    expect(told).toEqual([
      {
        notice: 'tagsMissing',
        pipelineClass: 'x',
        message:
          'No secondary that can be reached has the tags {"replica":"replica1"}: \'x\' is read from what else it allows.',
      },
    ]);
    // A member that leaves later was there, which other events tell.
    change([PRIMARY]);
    await fetch({}, { pipelineClass });
    expect(told).toHaveLength(1);
    source.close();
  });

  it('is told without a read: once, when every server has been heard of', async () => {
    const { source, events, classOf, change } = openFakeSource([]);
    change([{ address: 'p', type: 'Unknown' }, TWO]);
    const told: string[] = [];
    events.on('topologyNoticed', ({ notice }) => {
      told.push(notice);
    });
    const classes = [classOf({ members: ['replica1'] }), classOf({ members: ['replica2'] })];
    const both = Promise.all([source.ready(classes), source.ready(classes)]);
    await turn();
    expect(told).toEqual([]);
    change([PRIMARY, TWO]);
    const [sentences, again] = await both;
    expect(sentences).toEqual([expect.stringContaining('{"replica":"replica1"}')]);
    expect(again).toEqual(sentences);
    expect(told).toEqual(['tagsMissing']);
    source.close();
  });

  it('waits no longer than for a member to be selected, nor fails where nobody is there', async () => {
    const { source, clock, change } = openFakeSource([]);
    change([{ address: 'p', type: 'Unknown' }]);
    let sentences: readonly string[] | undefined;
    void source.ready([]).then((all) => {
      sentences = all;
    });
    await clock.advanceAsync(SELECTION_MS - 1);
    expect(sentences).toBeUndefined();
    await clock.advanceAsync(1);
    expect(sentences).toEqual([
      'No member of the database can be reached: until one can, only what is kept is answered.',
    ]);
    source.close();
  });
});
