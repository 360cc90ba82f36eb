import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { RemoteStore } from '../../src/index.js';
import { type AggregationCacheError, definePipelineClass } from '../../src/index.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { contracts } from '../support/classes.js';
import { FakeSource } from '../support/fake-source.js';
import { Gate } from '../support/gate.js';
import { settle, startProcess } from '../support/process.js';

const strict = definePipelineClass({
  name: 'strict',
  collection: 'contracts',
  pipeline: [],
  mode: 'strict',
});

const open = (wrap: (store: RemoteStore) => RemoteStore = (store) => store) => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  const source = new FakeSource();
  const start = () =>
    startProcess({ clock, store: wrap(remote.connect()), source, selectionTimeoutMs: 2_000 });
  return { clock, remote, source, start };
};

/** How it ended, heard from the beginning. */
const codeOf = (ending: Promise<unknown>) =>
  ending.then(
    () => 'answered',
    (error: unknown) => (error as AggregationCacheError).code,
  );

describe('a cache that is closed', () => {
  it('ends the wait for somebody who can say how new an answer has to be', async () => {
    const { clock, remote, source, start } = open();
    const { engine } = start();
    source.point = { operationTime: new Timestamp({ t: 5, i: 1 }) };
    source.currentPoint = async () => undefined;
    remote.setState('away');
    const reading = engine.read(strict, undefined, {});
    const ended = codeOf(reading);
    await settle();
    await engine.close();
    expect(await ended).toBe('CLOSED');
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends the wait for the answer of another process', async () => {
    const { clock, source, start } = open();
    const [one, other] = [start(), start()];
    const gate = new Gate();
    source.beforeAnswer = () => gate.pass();
    const loading = one.engine.read(contracts, { id: 1 }, {});
    await gate.reached;
    const waiting = other.engine.read(contracts, { id: 1 }, {});
    const ended = codeOf(waiting);
    await settle();
    await other.engine.close();
    expect(await ended).toBe('CLOSED');
    gate.open();
    expect((await loading).rows).toHaveLength(1);
    await one.engine.close();
    expect(clock.pendingTimers).toBe(0);
    expect(source.requests).toHaveLength(1);
  });

  it('is not waited for to become ready', async () => {
    const { clock, remote, start } = open();
    remote.setState('away');
    const { engine } = start();
    const ended = codeOf(engine.ready([]));
    await engine.close();
    expect(await ended).toBe('CLOSED');
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits until those who wait for a load know that it failed', async () => {
    const gate = new Gate();
    const { source, start } = open((store) => ({
      ...store,
      state: 'ready',
      release: async (lease, failure) => {
        await gate.pass();
        return store.release(lease, failure);
      },
    }));
    source.beforeAnswer = async () => Promise.reject(new Error('broken'));
    const { engine } = start();
    await expect(engine.read(contracts, { id: 1 }, {})).rejects.toThrow('broken');
    let isEnded = false;
    const closing = engine.close().then(() => {
      isEnded = true;
    });
    await settle();
    expect(isEnded).toBe(false);
    gate.open();
    await closing;
    expect(isEnded).toBe(true);
  });

  it('has ended for all who close it when nothing is being written any more', async () => {
    const gate = new Gate();
    const { start } = open((store) => ({
      ...store,
      state: 'ready',
      store: async (value) => {
        await gate.pass();
        return store.store(value);
      },
    }));
    const { engine } = start();
    await engine.read(contracts, { id: 1 }, {});
    await gate.reached;
    const ended: string[] = [];
    const closing = ['first', 'second'].map((name) => engine.close().then(() => ended.push(name)));
    await settle();
    expect(ended).toEqual([]);
    gate.open();
    await Promise.all(closing);
    expect(ended).toEqual(['first', 'second']);
  });
});
