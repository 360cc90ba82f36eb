import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import type { SourceRequest, SourceStream } from '../../src/ports/source.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { FakeSource } from '../support/fake-source.js';
import { Gate } from '../support/gate.js';
import { settle, startProcess } from '../support/process.js';

const HOUR_MS = 3_600_000;
const TTL_MS = 10_000;
const OLD = [{ value: 'old' }];
const NEW = [{ value: 'new' }];

const tagged = definePipelineClass<void, { value: string }>({
  name: 'tagged',
  collection: 'a',
  pipeline: [],
  tags: ['reports'],
  ttlMs: TTL_MS,
  ttlJitter: 0,
  earlyRefresh: 0,
  staleWhileRevalidateMs: TTL_MS,
});

type Process = ReturnType<typeof startProcess>;

const read = async ({ engine }: Process) => (await engine.read(tagged, undefined, {})).rows;

/** Answers by a stream too, held up as other answers are. */
class StreamingSource extends FakeSource {
  override async fetchStream(request: SourceRequest): Promise<SourceStream> {
    const { rows, ...answer } = await this.fetch(request);
    const batches = (async function* () {
      yield rows;
    })();
    return { ...answer, batches, close: () => {} };
  }
}

/** Two processes on hosts whose clocks have never been set by one another. */
const fleet = (hours: number) => {
  const remoteClock = new ManualClock();
  const remote = new InMemoryRemote({ clock: remoteClock });
  const start = (ahead: number) => {
    const clock = new ManualClock({
      now: (ahead + 2) * HOUR_MS,
      wallTime: Date.UTC(2026, 0, 1) + ahead * HOUR_MS,
    });
    const source = new StreamingSource();
    const advance = (ms: number) => {
      clock.advance(ms);
      remoteClock.advance(ms);
    };
    return { ...startProcess({ clock, source, store: remote.connect() }), clock, source, advance };
  };
  return { remote, one: start(0), other: start(hours) };
};

const streamed = async ({ engine }: Process): Promise<unknown[]> => {
  const rows: unknown[] = [];
  for await (const batch of engine.stream(tagged, undefined, {})) rows.push(...batch);
  return rows;
};

/** Ways to begin a load; each resolves with what its caller is told, which may be what was. */
const LOADS: Record<string, (process: ReturnType<typeof fleet>['one']) => Promise<unknown>> = {
  'a read': read,
  'a stream': streamed,
  'a refresh in the background': async (process) => {
    const gated = process.source.beforeAnswer;
    process.source.beforeAnswer = async () => {};
    await read(process);
    await settle();
    process.advance(TTL_MS);
    process.source.beforeAnswer = gated;
    return read(process);
  },
};

describe('a tag that is invalidated during a load', () => {
  const ways = Object.keys(LOADS).flatMap((load) =>
    [-1, 1].flatMap((hours) => ['here', 'elsewhere'].map((where) => ({ load, hours, where }))),
  );

  it.each(ways)(
    'is later than the load, whatever the clocks say: $load, $where, $hours h apart',
    async ({ load, hours, where }) => {
      const { one, other, remote } = fleet(hours);
      const gate = new Gate();
      one.source.beforeAnswer = () => gate.pass();
      const before = LOADS[load]?.(one);
      await gate.reached;
      for (const { source } of [one, other]) source.rows = NEW;
      await (where === 'here' ? one : other).engine.invalidate({ tags: ['reports'] });
      // Whoever takes the time when the rows are there takes this one.
      for (const { advance } of [one, other]) advance(1);
      gate.open();
      expect(await before).toEqual(OLD);
      await settle();
      one.source.beforeAnswer = async () => {};
      for (const process of [one, other]) expect(await read(process)).toEqual(NEW);
      await settle();
      expect(remote.keys()).toHaveLength(1);
    },
  );
});

describe('an invalidation that came before the commit', () => {
  it('is made good by the one that names it, though a reader has restored the old rows since', async () => {
    const { one, other, remote } = fleet(0);
    const commit = new Timestamp({ t: 7, i: 1 });
    // A member that has not applied the commit, unless it is asked to wait for it.
    class Lagging extends FakeSource {
      override fetch(request: SourceRequest) {
        this.rows = request.after?.operationTime.gte(commit) ? NEW : OLD;
        return super.fetch(request);
      }
    }
    const lagging = [one, other].map(({ clock }) =>
      startProcess({ clock, source: new Lagging(), store: remote.connect() }),
    );
    const [writer, reader] = lagging as [Process, Process];
    await writer.engine.invalidate({ collections: ['a'] });
    expect(await read(reader)).toEqual(OLD);
    await settle();
    await writer.engine.invalidate({ collections: ['a'], after: { operationTime: commit } });
    for (const process of [...lagging, ...lagging]) expect(await read(process)).toEqual(NEW);
  });
});
