import { getEventListeners } from 'node:events';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import { contracts, users } from '../support/classes.js';
import { Gate } from '../support/gate.js';
import { settle, startProcess } from '../support/process.js';

const held = () => {
  const process = startProcess({ clock: new ManualClock() });
  const gate = new Gate();
  process.source.beforeAnswer = () => gate.pass();
  return { ...process, gate };
};

describe('readers of one question', () => {
  it('share one load, and are told that they joined', async () => {
    const { engine, source, gate, named } = held();
    const reads = Array.from({ length: 100 }, () => engine.read(contracts, { id: 1 }, {}));
    await gate.reached;
    reads.push(engine.read(contracts, { id: 1 }, {}));
    gate.open();
    const answers = await Promise.all(reads);
    expect(source.requests).toHaveLength(1);
    expect(new Set(answers.map(({ rows }) => rows)).size).toBe(1);
    expect(named('missed').filter(({ joined }) => joined)).toHaveLength(100);
    expect(engine.stats().reads).toMatchObject({ member: 101, joined: 100 });
  });

  it('share one failure, and the next reader tries again', async () => {
    const { engine, source, gate } = held();
    const broken = new Error('broken');
    source.beforeAnswer = async () => {
      await gate.pass();
      throw broken;
    };
    const reads = Array.from({ length: 10 }, () => engine.read(contracts, { id: 1 }, {}));
    await gate.reached;
    gate.open();
    const ends = await Promise.allSettled(reads);
    expect(ends.every((end) => end.status === 'rejected' && end.reason === broken)).toBe(true);
    expect(source.requests).toHaveLength(1);
    source.beforeAnswer = async () => {};
    expect((await engine.read(contracts, { id: 1 }, {})).rows).toEqual([{ value: 'old' }]);
  });

  it('do not share that of a reader who is owed a later write: theirs need not wait for it, nor fail with it', async () => {
    const { engine, source, gate } = held();
    const after = { operationTime: new Timestamp({ t: 9e8, i: 1 }) };
    source.beforeAnswer = async (request) => {
      if (request.after === undefined) return;
      await gate.pass();
      throw new Error('nobody has it');
    };
    const failing = Promise.allSettled([engine.read(contracts, { id: 1 }, { after })]);
    await gate.reached;
    expect((await engine.read(contracts, { id: 1 }, {})).rows).toEqual([{ value: 'old' }]);
    gate.open();
    expect(await failing).toMatchObject([{ status: 'rejected' }]);
  });

  it('may give up one by one; the load goes on for the others', async () => {
    const { engine, source, gate } = held();
    const abort = new AbortController();
    const leaving = engine.read(contracts, { id: 1 }, { signal: abort.signal });
    const staying = engine.read(contracts, { id: 1 }, {});
    await gate.reached;
    abort.abort('enough');
    await expect(leaving).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    gate.open();
    expect((await staying).rows).toHaveLength(1);
    expect(source.requests).toHaveLength(1);
  });

  it('may all give up; the answer is kept all the same', async () => {
    const { engine, gate } = held();
    const abort = new AbortController();
    const leaving = engine.read(contracts, { id: 1 }, { signal: abort.signal });
    await gate.reached;
    abort.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'ABORTED' });
    gate.open();
    await settle();
    expect((await engine.read(contracts, { id: 1 }, {})).source).toBe('memory');
  });

  it('may share one signal, which then has one listener, and none in the end', async () => {
    const { engine, gate } = held();
    const { signal } = new AbortController();
    const reads = Array.from({ length: 20 }, (_, id) => engine.read(contracts, { id }, { signal }));
    await settle();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    gate.open();
    await Promise.all(reads);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('may share one signal, and all hear of it', async () => {
    const { engine } = held();
    const abort = new AbortController();
    const reads = Array.from({ length: 20 }, (_, id) =>
      engine.read(contracts, { id }, { signal: abort.signal }),
    );
    const ends = Promise.allSettled(reads);
    await settle();
    abort.abort();
    for (const end of await ends) expect(end).toMatchObject({ reason: { code: 'ABORTED' } });
  });

  it('send nothing when they gave up before', async () => {
    const { engine, source } = held();
    const signal = AbortSignal.abort();
    await expect(engine.read(contracts, { id: 1 }, { signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(source.requests).toHaveLength(0);
  });

  it('leave no rejection behind when they gave up and the load then failed', async () => {
    const { engine, source, gate } = held();
    source.beforeAnswer = async () => {
      await gate.pass();
      throw new Error('late');
    };
    const abort = new AbortController();
    const leaving = engine.read(contracts, { id: 1 }, { signal: abort.signal });
    await gate.reached;
    abort.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'ABORTED' });
    gate.open();
    // An unhandled rejection would fail the run.
    await settle();
    expect(engine.stats().reads.failed).toBe(1);
  });
});

describe('more loads under way than dependencies are remembered that no entry has', () => {
  const begin = async () => {
    const { gate, ...process } = held();
    const reads = Array.from({ length: 5_000 }, (_, id) => process.engine.read(users, { id }, {}));
    await settle();
    const end = async () => {
      gate.open();
      await Promise.all(reads);
      return process.named('notStored').filter(({ reason }) => reason === 'moved');
    };
    return { ...process, end };
  };

  it('are kept all the same, for nothing moved', async () => {
    const { end } = await begin();
    expect(await end()).toEqual([]);
  });

  it('are void where something moved', async () => {
    const { engine, end } = await begin();
    await engine.invalidate({ documents: [{ collection: 'users', ids: [7] }] });
    expect(await end()).toHaveLength(1);
  });
});

describe('a read about more documents than dependencies are remembered', () => {
  it('depends on the collection, and is kept', async () => {
    const many = definePipelineClass<void>({
      name: 'many',
      collection: 'users',
      pipeline: [{ $match: { _id: { $in: Array.from({ length: 5_000 }, (_, id) => id) } } }],
    });
    const { engine } = startProcess({ clock: new ManualClock() });
    const first = await engine.read(many, undefined, {});
    expect(first.explain().dependencies).toEqual(['*', 'c:shop.users', 'k:many']);
    expect((await engine.read(many, undefined, {})).cache).toBe('HIT');
    await engine.invalidate({ documents: [{ collection: 'users', ids: [7] }] });
    expect((await engine.read(many, undefined, {})).cache).toBe('MISS');
  });
});
