import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { contracts } from '../support/classes.js';
import { FakeSource } from '../support/fake-source.js';
import { Gate } from '../support/gate.js';
import { settle, startProcess } from '../support/process.js';

/** A member that sends one batch, and the next one when the gate opens. */
class SlowSource extends FakeSource {
  readonly gate = new Gate();
  readonly end = new Gate();
  isLeft = false;

  override async fetchStream(request: Parameters<FakeSource['fetch']>[0]) {
    const { rows, ...header } = await this.fetch(request);
    const batches = async function* (this: SlowSource) {
      try {
        yield rows;
        await this.gate.pass();
        yield rows;
        await this.end.pass();
      } finally {
        this.isLeft = true;
      }
    };
    return { ...header, batches: batches.call(this), close: () => {} };
  }
}

const open = () => {
  const source = new SlowSource();
  const { engine } = startProcess({ clock: new ManualClock(), source });
  const abort = new AbortController();
  const stream = engine.stream(contracts, { id: 1 }, { signal: abort.signal });
  return { source, engine, abort, stream };
};

const ABORTED = { status: 'rejected', reason: { code: 'ABORTED', cause: 'enough' } };

describe('a stream whose reader gives up', () => {
  it('while it waits for the first rows ends at once, and the cursor when they come', async () => {
    const { source, engine, abort, stream } = open();
    const member = new Gate();
    source.beforeAnswer = () => member.pass();
    const ended = Promise.allSettled([stream.next()]);
    await member.reached;
    abort.abort('enough');
    expect(await ended).toMatchObject([ABORTED]);
    expect(source.isLeft).toBe(false);
    member.open();
    await settle();
    expect(source.isLeft).toBe(true);
    expect(engine.stats().reads.failed).toBe(1);
  });

  it('while it waits for the next rows ends at once, and the cursor when they come', async () => {
    const { source, abort, stream } = open();
    await stream.next();
    const ended = Promise.allSettled([stream.next()]);
    await source.gate.reached;
    abort.abort('enough');
    expect(await ended).toMatchObject([ABORTED]);
    source.gate.open();
    await settle();
    expect(source.isLeft).toBe(true);
  });

  it('with rows in its hands gets no more of them', async () => {
    const { source, abort, stream } = open();
    await stream.next();
    abort.abort('enough');
    expect(await Promise.allSettled([stream.next()])).toMatchObject([ABORTED]);
    await settle();
    expect(source.isLeft).toBe(true);
  });

  it('leaves no failure behind that nobody hears', async () => {
    const { source, abort, stream } = open();
    source.beforeAnswer = async () => {
      abort.abort('enough');
      await settle();
      throw new Error('late');
    };
    expect(await Promise.allSettled([stream.next()])).toMatchObject([ABORTED]);
    // An unhandled rejection would fail the run.
    await settle();
  });

  it('by leaving has ended its cursor when it goes on', async () => {
    const { source, stream } = open();
    for await (const _ of stream) break;
    expect(source.isLeft).toBe(true);
  });
});

it("a stream and a page hand their reader's signal on to whoever waits for a member", async () => {
  const { source, engine, abort, stream } = open();
  const { signal } = abort;
  await stream.next();
  await engine.page(contracts, { id: 1 }, { size: 5, signal });
  expect(source.requests.map((request) => request.signal)).toEqual([signal, signal]);
});

describe('a page whose reader gives up', () => {
  it('ends at once', async () => {
    const { source, engine, abort } = open();
    const { signal } = abort;
    const member = new Gate();
    source.beforeAnswer = () => member.pass();
    const ended = Promise.allSettled([engine.page(contracts, { id: 1 }, { size: 5, signal })]);
    await member.reached;
    abort.abort('enough');
    expect(await ended).toMatchObject([ABORTED]);
    member.open();
    await settle();
    expect(
      await Promise.allSettled([engine.page(contracts, { id: 1 }, { size: 5, signal })]),
    ).toMatchObject([ABORTED]);
    expect(source.requests).toHaveLength(1);
  });
});
