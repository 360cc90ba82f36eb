import { MongoNetworkError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { aggregation } from '../../test/support/aggregation.js';
import {
  ONE,
  openFakeSource,
  PRIMARY,
  SELECTION_MS,
  TWO,
  turn,
} from '../../test/support/fake-members.js';

const unheard = { type: 'Unknown' };

describe('right after the start', () => {
  it('a member that was not heard of yet is waited for', async () => {
    const { fetch, change, asked } = openFakeSource([PRIMARY, { address: 'a', ...unheard }]);
    const reading = fetch(['replica1']);
    await turn();
    expect(asked).toEqual([]);
    change([PRIMARY, ONE]);
    await expect(reading).resolves.toMatchObject({ member: { address: 'a' } });
    expect(asked).toEqual(['replica1']);
  });

  it('but not for longer than a selection may take, once and for all reads', async () => {
    const { fetch, clock, passedOver } = openFakeSource([PRIMARY, { address: 'a', ...unheard }]);
    const reading = fetch(['replica1']);
    await turn();
    clock.advance(SELECTION_MS);
    await expect(reading).resolves.toMatchObject({ member: { address: 'p' } });
    await expect(fetch(['replica1'])).resolves.toMatchObject({ member: { address: 'p' } });
    expect(passedOver).toEqual(['{"replica":"replica1"} absent', '{"replica":"replica1"} absent']);
  });

  it('nobody is waited for who is not wanted', async () => {
    const { fetch } = openFakeSource([PRIMARY, ONE, { address: 'c', ...unheard }]);
    await expect(fetch(['replica1'])).resolves.toMatchObject({ member: { address: 'a' } });
  });
});

describe('a member', () => {
  it('that leaves while it is asked is left at once, without waiting for the driver', async () => {
    const { fetch, change, answerWith, asked, passedOver, clock } = openFakeSource([
      PRIMARY,
      ONE,
      TWO,
    ]);
    answerWith(() => new Promise(() => {}));
    const reading = fetch();
    await turn();
    answerWith(async () => []);
    change([PRIMARY, TWO]);
    await expect(reading).resolves.toMatchObject({ member: { address: 'b' } });
    expect(asked).toEqual(['replica1', 'replica2']);
    expect(passedOver).toEqual(['a gone']);
    expect(clock.now()).toBe(0);
  });

  it('that a class with changes to its breaker gives up is asked by others still, but for its own hedges', async () => {
    const { fetch, answerWith, asked, passedOver, source, classOf, clock } = openFakeSource([
      PRIMARY,
      ONE,
      TWO,
    ]);
    const hasty = { breaker: { minimumCalls: 1 } };
    answerWith(async (member) => {
      if (member === 'replica1') throw new MongoNetworkError('closed');
      return [];
    });
    await fetch(hasty);
    await fetch(hasty);
    expect(passedOver).toEqual(['a network', 'a breakerOpen']);
    expect(source.members()[1]).toMatchObject({ address: 'a', breaker: 'closed', asked: 1 });
    answerWith(async () => []);
    await fetch({});
    expect(asked).toEqual(['replica1', 'replica2', 'replica2', 'replica1']);
    // Of the one whose breaker of this class is open no hedge is asked, nor is it to explain anything.
    const pipelineClass = classOf({
      ...hasty,
      members: ['replica2', 'replica1'],
      hedgeDelayMs: 10,
    });
    const request = { pipelineClass, operation: aggregation() };
    for (let n = 0; n < 20; n += 1) await source.fetch(request);
    asked.length = 0;
    answerWith((member) => (member === 'replica2' ? new Promise(() => {}) : Promise.resolve([])));
    const reading = source.fetch(request);
    await clock.advanceAsync(10);
    expect((await reading).member.address).toBe('p');
    expect(asked).toEqual(['replica2', 'primary']);
    expect(await source.explain(request, 'a')).toBeUndefined();
  });

  it('that becomes the primary while it is asked is left too', async () => {
    const { fetch, change, answerWith, passedOver } = openFakeSource([PRIMARY, ONE, TWO]);
    answerWith(() => new Promise(() => {}));
    const reading = fetch();
    await turn();
    answerWith(async () => []);
    change([{ ...ONE, type: 'RSPrimary' }, TWO]);
    await expect(reading).resolves.toMatchObject({ member: { address: 'b' } });
    expect(passedOver).toEqual(['a gone']);
  });

  it('that says nothing is left after the time of the class and a little', async () => {
    const { fetch, answerWith, passedOver, clock } = openFakeSource([PRIMARY, ONE, TWO]);
    answerWith(() => new Promise(() => {}));
    const reading = fetch();
    await turn();
    answerWith(async () => []);
    await clock.advanceAsync(500);
    expect(passedOver).toEqual([]);
    await clock.advanceAsync(250);
    await expect(reading).resolves.toMatchObject({ member: { address: 'b' } });
    expect(passedOver).toEqual(['a timeout']);
  });

  describe('whose connections are all taken by other reads', () => {
    const busy = async () => {
      const cache = openFakeSource([PRIMARY, ONE], { maxPoolSize: 2 });
      const finish: ((rows: Uint8Array[]) => void)[] = [];
      cache.answerWith(() => new Promise((resolve) => finish.push(resolve)));
      const readings = Array.from({ length: 5 }, () => cache.fetch(['replica1']));
      await turn();
      return { ...cache, finish, readings };
    };

    it('is waited for, and the wait is none of its time', async () => {
      const { clock, asked, finish, readings, passedOver, source } = await busy();
      for (const left of [2, 2, 1]) {
        expect(finish).toHaveLength(left);
        await clock.advanceAsync(400);
        for (const end of finish.splice(0)) end([]);
        await turn();
      }
      const answers = await Promise.all(readings);
      expect(answers.map(({ member }) => member.address)).toEqual(Array(5).fill('a'));
      expect(asked).toHaveLength(5);
      expect(passedOver).toEqual([]);
      expect(source.members()).toMatchObject([
        { address: 'p' },
        { address: 'a', breaker: 'closed' },
      ]);
    });

    it('and says nothing is left by all as soon as its breaker opens', async () => {
      const { clock, asked, readings, passedOver, answerWith } = await busy();
      answerWith(() => (asked.at(-1) === 'replica1' ? new Promise(() => {}) : Promise.resolve([])));
      await clock.advanceAsync(750);
      await turn();
      // The third took the place of the first, before the second was over too and the breaker opened.
      await clock.advanceAsync(750);
      const answers = await Promise.all(readings);
      expect(answers.map(({ member }) => member.address)).toEqual(Array(5).fill('p'));
      expect(asked.filter((replica) => replica === 'replica1')).toHaveLength(3);
      expect(passedOver.toSorted()).toEqual([
        ...Array(2).fill('a breakerOpen'),
        ...Array(3).fill('a timeout'),
      ]);
    });

    it('and leaves is left by all at once', async () => {
      const { change, readings, passedOver, answerWith, clock } = await busy();
      answerWith(async () => []);
      change([PRIMARY]);
      await Promise.all(readings);
      expect(passedOver.every((one) => one === 'a gone' || one === 'a breakerOpen')).toBe(true);
      expect(clock.now()).toBe(0);
    });
  });

  it('that no connection was free for is not taken for dead', async () => {
    const { fetch, answerWith, asked, source, passedOver } = openFakeSource([PRIMARY, ONE]);
    const error = Object.assign(new Error('busy'), { name: 'MongoWaitQueueTimeoutError' });
    answerWith(async () => {
      if (asked.at(-1) === 'replica1') throw error;
      return [];
    });
    for (let read = 0; read < 4; read += 1) await fetch(['replica1']);
    expect(passedOver).toEqual(Array(4).fill('a busy'));
    expect(source.members()[1]).toMatchObject({ address: 'a', breaker: 'closed' });
  });

  it('that keeps failing is not asked while its breaker is open, then tried once', async () => {
    const { fetch, answerWith, asked, clock, source, passedOver } = openFakeSource([PRIMARY, ONE]);
    answerWith(async () => {
      if (asked.at(-1) === 'replica1') throw new MongoNetworkError('closed');
      return [];
    });
    await fetch();
    await fetch();
    expect(source.members()).toMatchObject([
      { address: 'p', role: 'primary', lagMs: 0, breaker: 'closed', asked: 2, hedged: 0 },
      { address: 'a', tags: { replica: 'replica1' }, role: 'secondary', breaker: 'open', asked: 2 },
    ]);
    asked.length = 0;
    await fetch();
    expect(asked).toEqual(['primary']);
    expect(passedOver.at(-1)).toBe('a breakerOpen');
    await clock.advanceAsync(1_000);
    answerWith(async () => []);
    await expect(fetch()).resolves.toMatchObject({ member: { address: 'a' } });
    expect(source.members()[1]).toMatchObject({ address: 'a', breaker: 'closed' });
  });
});

describe('when nobody can answer', () => {
  it('the last resort is waited for', async () => {
    const { fetch, change } = openFakeSource([]);
    const reading = fetch([]);
    await turn();
    change([PRIMARY]);
    await expect(reading).resolves.toMatchObject({ member: { address: 'p' } });
  });

  it('the read ends with everybody who was passed over', async () => {
    const { fetch, clock, answerWith } = openFakeSource([ONE]);
    answerWith(() => Promise.reject(new MongoNetworkError('closed')));
    const reading = fetch();
    const end = reading.catch((error: unknown) => error);
    await clock.advanceAsync(SELECTION_MS);
    expect(await end).toMatchObject({
      code: 'NO_MEMBER',
      details: {
        pipelineClass: 'x',
        passedOver: [
          { member: '{"replica":"replica2"}', reason: 'absent' },
          { member: 'primary', reason: 'absent' },
          { member: 'a', reason: 'network' },
        ],
      },
    });
  });

  it('a read does not wait if waiting would not help', async () => {
    const { fetch, answerWith, clock } = openFakeSource([PRIMARY, ONE]);
    answerWith(() => Promise.reject(new MongoNetworkError('closed')));
    await expect(fetch(['replica1'])).rejects.toMatchObject({ code: 'NO_MEMBER' });
    expect(clock.now()).toBe(0);
  });
});
