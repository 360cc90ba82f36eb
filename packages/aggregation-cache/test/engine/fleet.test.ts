import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { AggregationCacheError } from '../../src/index.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { contracts } from '../support/classes.js';
import { FakeSource } from '../support/fake-source.js';
import { Gate } from '../support/gate.js';
import { settle, startProcess } from '../support/process.js';

const fleet = (size: number) => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  const source = new FakeSource();
  const gate = new Gate();
  source.beforeAnswer = () => gate.pass();
  const start = () => startProcess({ clock, store: remote.connect(), source });
  return { clock, remote, source, gate, start, processes: Array.from({ length: size }, start) };
};

const read = ({ engine }: ReturnType<typeof startProcess>) => engine.read(contracts, { id: 1 }, {});

describe('the processes of a fleet', () => {
  it('ask the database once, and all get the answer at once', async () => {
    const { clock, source, gate, processes } = fleet(4);
    const reads = processes.flatMap((one) => Array.from({ length: 25 }, () => read(one)));
    await gate.reached;
    await settle();
    gate.open();
    const answers = await Promise.all(reads);
    expect(source.requests).toHaveLength(1);
    expect(answers.filter(({ source }) => source === 'remote')).toHaveLength(75);
    // Nobody had to look by himself after a while: those who waited were woken.
    expect(clock.now()).toBe(0);
  });

  it('are told of a failure once, and ask again after the negative window', async () => {
    const { clock, source, gate, processes } = fleet(4);
    source.beforeAnswer = async () => {
      await gate.pass();
      throw new AggregationCacheError('NO_MEMBER', 'nobody is there', {
        pipelineClass: 'contracts',
        passedOver: [{ member: 'a:1', reason: 'network' }],
      });
    };
    const reads = processes.map(read);
    const ends = Promise.allSettled(reads);
    await gate.reached;
    await settle();
    gate.open();
    for (const end of await ends) {
      expect(end).toMatchObject({
        status: 'rejected',
        reason: { code: 'NO_MEMBER', details: { passedOver: [{ member: 'a:1' }] } },
      });
    }
    expect(source.requests).toHaveLength(1);
    clock.advance(1_000);
    source.beforeAnswer = async () => {};
    expect((await read(processes[1] as never)).rows).toHaveLength(1);
  });

  it('keep nothing that was stored before an invalidation which came while they looked for it', async () => {
    const { clock, remote, source, gate, processes } = fleet(1);
    const store = remote.connect();
    const looked = new Gate();
    let looks = 0;
    const waiting = startProcess({
      clock,
      source,
      store: {
        ...store,
        state: 'ready',
        look: async (key, dependencies) => {
          const answer = await store.look(key, dependencies);
          looks += 1;
          if (looks === 2) await looked.pass();
          return answer;
        },
      },
    });
    const [one] = processes as [ReturnType<typeof startProcess>];
    const first = read(one);
    await gate.reached;
    const before = read(waiting);
    await settle();
    gate.open();
    await looked.reached;
    await first;
    source.rows = [{ value: 'new' }];
    source.beforeAnswer = async () => {};
    await waiting.engine.invalidate({ collections: ['contracts'] });
    looked.open();
    await before;
    expect((await read(waiting)).rows).toEqual([{ value: 'new' }]);
  });

  it('take nothing from the store that they could not tell of their invalidation', async () => {
    const { clock, remote, source, gate, processes } = fleet(1);
    const store = remote.connect();
    const broken = Object.assign(Object.create(null), store, {
      state: 'ready',
      invalidate: async () => Promise.reject(new Error('the line is cut')),
    });
    const waiting = startProcess({ clock, source, store: broken });
    const [one] = processes as [ReturnType<typeof startProcess>];
    const first = read(one);
    await gate.reached;
    const before = read(waiting);
    await settle();
    source.rows = [{ value: 'new' }];
    expect(await waiting.engine.invalidate({ collections: ['contracts'] })).toEqual({
      published: false,
    });
    source.beforeAnswer = async () => {};
    gate.open();
    await Promise.all([first, before]);
    expect((await read(waiting)).rows).toEqual([{ value: 'new' }]);
  });

  it('do not wait for a process that died for longer than its lease', async () => {
    const { clock, remote, source, processes } = fleet(1);
    const [one] = processes;
    source.beforeAnswer = async () => {};
    // A lease that nobody renews: its holder is gone.
    const store = remote.connect();
    const lost = startProcess({
      clock: new ManualClock(),
      store: { ...store, state: 'ready' } as never,
      source: new FakeSource(),
    });
    lost.source.beforeAnswer = () => new Promise(() => {});
    void read(lost).catch(() => {});
    await settle();
    const reading = read(one as never);
    await settle();
    expect(source.requests).toHaveLength(0);
    await clock.advanceAsync(2_100);
    expect((await reading).source).toBe('member');
  });

  it('do not wait for a load that began before an invalidation', async () => {
    const { source, gate, processes } = fleet(2);
    const [one, other] = processes;
    const before = read(one as never);
    await gate.reached;
    source.rows = [{ value: 'new' }];
    await other?.engine.invalidate({ collections: ['contracts'] });
    source.beforeAnswer = async () => {};
    expect((await read(other as never)).rows).toEqual([{ value: 'new' }]);
    gate.open();
    await before;
    await settle();
    expect((await read(one as never)).rows).toEqual([{ value: 'new' }]);
  });

  it('load each for itself when the store goes while they wait', async () => {
    const { clock, remote, source, gate, processes } = fleet(2);
    const [one, other] = processes;
    const first = read(one as never);
    await gate.reached;
    const second = read(other as never);
    await settle();
    remote.setState('away');
    source.beforeAnswer = async () => {};
    await clock.advanceAsync(100);
    expect((await second).source).toBe('member');
    gate.open();
    await first;
  });

  it('let a lease go when the result is not kept', async () => {
    const { remote, source, processes, gate } = fleet(2);
    gate.open();
    const [one, other] = processes;
    source.rows = [{ value: 'x'.repeat(200_000) }];
    await read(one as never);
    await settle();
    expect((await read(other as never)).source).toBe('member');
    expect(remote.keys()).toEqual([]);
  });
});
