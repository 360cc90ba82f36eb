import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { AggregationCacheError, type QueryPlan } from '../../src/index.js';
import { contracts } from '../support/classes.js';
import { settle, startProcess } from '../support/process.js';

const PLAN: QueryPlan = {
  stages: [{ stage: 'COLLSCAN', collection: 'shop.contracts', fields: ['customer'] }],
  scans: ['shop.contracts'],
  indexes: [],
};

const RULES = { overMs: 100, rate: 1, everyMs: 10_000 };

const open = (rules = {}, draw: () => number = () => 0) => {
  const clock = new ManualClock();
  const process = startProcess({
    clock,
    random: () => draw(),
    explainSlow: { ...RULES, ...rules },
  });
  const { engine, source, named } = process;
  const explained: { id: unknown; member: string }[] = [];
  let answer: () => Promise<QueryPlan | undefined> = async () => PLAN;
  source.explain = ({ operation }, member) => {
    const [match] = operation.kind === 'aggregate' ? operation.pipeline : [];
    explained.push({ id: match?.$match?._id, member });
    return answer();
  };
  const slowly = (tookMs: number) => {
    source.beforeAnswer = async () => clock.advance(tookMs);
  };
  return {
    ...process,
    clock,
    explained,
    slowly,
    explainWith: (next: typeof answer) => {
      answer = next;
    },
    /** A read that a member is asked for. */
    read: async (id: number, tookMs: number) => {
      slowly(tookMs);
      const { rows } = await engine.read(contracts, { id }, {});
      await settle();
      return rows;
    },
    told: () => named('slowQuery'),
  };
};

describe('a slow load', () => {
  it('is explained by the member that answered, and told with what an index can change', async () => {
    const { read, told, explained } = open();
    await read(7, 101);
    expect(explained).toEqual([{ id: 7, member: 'fake:1' }]);
    expect(told()).toEqual([
      {
        pipelineClass: 'contracts',
        key: expect.stringMatching(/^[\w-]{20,}$/),
        member: 'fake:1',
        tookMs: 101,
        plan: PLAN,
        hints: [
          "Looks through 'shop.contracts' document by document; an index that serves its filter on 'customer' can spare it that.",
        ],
      },
    ]);
  });

  it('is one that takes longer than that, not as long', async () => {
    const { read, explained } = open();
    await read(1, 100);
    expect(explained).toEqual([]);
    await read(2, 101);
    expect(explained).toHaveLength(1);
  });

  it('of a stream is slow until its first rows; how long they are taken in does not count', async () => {
    const { engine, slowly, clock, told } = open();
    const drain = async (id: number) => {
      for await (const rows of engine.stream(contracts, { id }, {})) {
        expect(rows).toHaveLength(1);
        clock.advance(500);
      }
      await settle();
    };
    slowly(10);
    await drain(1);
    expect(told()).toEqual([]);
    slowly(200);
    await drain(2);
    expect(told()).toMatchObject([{ tookMs: 200 }]);
  });

  it('of a page is explained as it was asked', async () => {
    const { engine, slowly, source, told } = open();
    slowly(200);
    await engine.page(contracts, { id: 1 }, { size: 5 });
    await settle();
    expect(told()).toMatchObject([{ tookMs: 200 }]);
    expect(source.requests[0]?.operation).toMatchObject({
      pipeline: expect.arrayContaining([{ $limit: 6 }]),
    });
  });

  it('that ended at its time limit is explained too', async () => {
    const { engine, source, clock, told, explained } = open();
    const limit = new AggregationCacheError('MAX_TIME_EXCEEDED', 'Too long.', {
      pipelineClass: 'contracts',
      member: 'late:1',
      maxTimeMs: 5_000,
    });
    source.beforeAnswer = async () => {
      clock.advance(5_000);
      throw limit;
    };
    await expect(engine.read(contracts, { id: 1 }, {})).rejects.toBe(limit);
    await settle();
    expect(explained).toEqual([{ id: 1, member: 'late:1' }]);
    expect(told()).toMatchObject([{ member: 'late:1', tookMs: 5_000 }]);
  });

  it('that failed otherwise is not: there is nobody to ask', async () => {
    const { engine, source, clock, explained } = open();
    source.beforeAnswer = async () => {
      clock.advance(5_000);
      throw new Error('no');
    };
    await expect(engine.read(contracts, { id: 1 }, {})).rejects.toThrow('no');
    await settle();
    expect(explained).toEqual([]);
  });
});

describe('what explaining may cost', () => {
  it('is one at a time', async () => {
    const { read, explained, explainWith, clock, told } = open({ everyMs: 100 });
    let done: (plan: QueryPlan) => void = () => {};
    explainWith(
      () =>
        new Promise((resolve) => {
          done = resolve;
        }),
    );
    await read(1, 200);
    clock.advance(1_000);
    await read(2, 200);
    expect(explained).toHaveLength(1);
    done(PLAN);
    await settle();
    await read(3, 200);
    expect(explained.map(({ id }) => id)).toEqual([1, 3]);
    expect(told()).toHaveLength(1);
  });

  it('is one per interval', async () => {
    const { read, explained, clock } = open();
    await read(1, 200);
    clock.advance(9_699);
    await read(2, 150);
    expect(explained).toHaveLength(1);
    await read(3, 151);
    expect(clock.now()).toBe(10_200);
    expect(explained.map(({ id }) => id)).toEqual([1, 3]);
  });

  it('is one slow load in so many, and one that is not drawn does not begin the interval', async () => {
    let drawn = 0.5;
    const { read, explained } = open({ rate: 4 }, () => drawn);
    await read(1, 200);
    expect(explained).toEqual([]);
    drawn = 0.24;
    await read(2, 200);
    expect(explained.map(({ id }) => id)).toEqual([2]);
  });

  it('is nothing without the option', async () => {
    const clock = new ManualClock();
    const { engine, source, named } = startProcess({ clock });
    source.explain = async () => PLAN;
    source.beforeAnswer = async () => clock.advance(60_000);
    await engine.read(contracts, { id: 1 }, {});
    await settle();
    expect(named('slowQuery')).toEqual([]);
  });
});

describe('a read', () => {
  it('does not wait for it', async () => {
    const { engine, slowly, explainWith, explained } = open();
    explainWith(() => new Promise(() => {}));
    slowly(200);
    const { rows } = await engine.read(contracts, { id: 1 }, {});
    expect([rows, explained.length]).toEqual([[{ value: 'old' }], 1]);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['has no connection to spare', async () => undefined],
  ])(
    'is none the worse where the member %s: the load is told without a plan',
    async (_, answer) => {
      const { read, told, explainWith, clock, explained } = open();
      explainWith(answer);
      expect(await read(1, 200)).toEqual([{ value: 'old' }]);
      expect(told()).toMatchObject([{ tookMs: 200, plan: undefined, hints: [] }]);
      clock.advance(10_000);
      await read(2, 200);
      expect(explained).toHaveLength(2);
    },
  );

  it('is told without a plan where the source has none', async () => {
    const { read, told, source } = open();
    delete source.explain;
    await read(1, 200);
    expect(told()).toMatchObject([{ plan: undefined, hints: [] }]);
  });
});

describe('after the end of the cache', () => {
  it('nothing is explained, and what was under way is not told', async () => {
    const { engine, read, explainWith, slowly, explained, told, clock, source } = open();
    let done: (plan: QueryPlan) => void = () => {};
    explainWith(
      () =>
        new Promise((resolve) => {
          done = resolve;
        }),
    );
    await read(1, 200);
    clock.advance(10_000);
    slowly(200);
    let goOn: () => void = () => {};
    source.beforeAnswer = async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      clock.advance(200);
    };
    const late = engine.read(contracts, { id: 2 }, {});
    await settle();
    await engine.close();
    done(PLAN);
    goOn();
    await late;
    await settle();
    expect(explained.map(({ id }) => id)).toEqual([1]);
    expect(told()).toEqual([]);
  });
});
