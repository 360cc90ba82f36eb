import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { BSON, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { definePipelineClass, type PipelineClass, type RemoteStore } from '../../src/index.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { FakeSource } from '../support/fake-source.js';
import { HEARTBEAT_MS, settle, startProcess } from '../support/process.js';

const at = (t: number) => new Timestamp({ t, i: 1 });

const audited = definePipelineClass<void, { value: string }>({
  name: 'audited',
  collection: 'contracts',
  pipeline: [],
  ttlJitter: 0,
  auditRate: 1,
});

/** A database with a history: each moment has its rows. */
class HistoricSource extends FakeSource {
  now = 10;
  readonly #history: { from: number; value: string }[] = [{ from: 0, value: 'old' }];
  /** How far behind the member is that answers. */
  lag = 0;
  /** Whether members wait for the time that is asked for. */
  waits = true;

  write(value: string): { operationTime: Timestamp } {
    this.now += 10;
    this.#history.push({ from: this.now, value });
    this.point = { operationTime: at(this.now) };
    return this.point;
  }

  override async fetch(request: Parameters<FakeSource['fetch']>[0]) {
    this.requests.push(request);
    await this.beforeAnswer(request);
    const wanted = this.waits ? (request.after?.operationTime.t ?? 0) : 0;
    const { moment } = request;
    const t =
      moment === undefined || moment === 'any' ? Math.max(this.now - this.lag, wanted) : moment.t;
    const value = this.#history.findLast(({ from }) => from <= t)?.value ?? '';
    const exact = moment === undefined ? undefined : at(t);
    const rows = [BSON.serialize({ value })];
    return { rows, member: this.member, asOf: exact, moment: exact, storable: true };
  }
}

const open = (wrap: (store: RemoteStore) => RemoteStore = (store) => store) => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  const source = new HistoricSource();
  source.point = { operationTime: at(10) };
  const start = () =>
    startProcess({ clock, store: wrap(remote.connect()), source, random: () => 0.5 });
  const [one, other] = [start(), start()];
  const read = async () => {
    const { rows } = await one.engine.read(audited, undefined, {});
    await settle();
    return rows[0]?.value;
  };
  return { clock, remote, source, one, other, read };
};

describe('an audit of a kept answer', () => {
  it('finds nothing where nothing is wrong, however much is written and invalidated', async () => {
    const { one, other, source, clock, read } = open();
    for (let n = 0; n < 50; n += 1) {
      await read();
      await read();
      const after = source.write(`value ${n}`);
      await read();
      await other.engine.invalidate({ collections: ['contracts'], after });
      await clock.advanceAsync(100);
    }
    expect(one.named('audited').length).toBeGreaterThan(50);
    expect(one.named('auditFailed')).toEqual([]);
  });

  it('reads again at the moment that the answer is of, not at the present', async () => {
    const { one, source, read } = open();
    await read();
    source.write('new');
    await read();
    expect(source.requests.at(-1)?.moment).toEqual(at(10));
    expect(one.named('audited')).toHaveLength(1);
  });

  it('finds rows that are others than the database had', async () => {
    const { one, source, read } = open();
    await read();
    source.fetch = async () => ({
      rows: [BSON.serialize({ value: 'never' })],
      member: source.member,
      asOf: at(10),
      moment: at(10),
      storable: true,
    });
    await read();
    expect(one.named('auditFailed')).toMatchObject([
      { pipelineClass: 'audited', difference: 'rows', source: 'memory', asOf: at(10) },
    ]);
  });

  const checked = definePipelineClass<void, object>({
    name: 'checked',
    collection: 'contracts',
    pipeline: [],
    rows: z.looseObject({}),
    auditRate: 1,
  });

  it.each<[string, PipelineClass<void, void, object>, object, object]>([
    ['another number type', audited, { a: new BSON.Int32(5) }, { a: new BSON.Double(5) }],
    ['another order of fields', audited, { a: 1, b: 1 }, { b: 1, a: 1 }],
    ['the same behind a schema', checked, { a: 1, b: 1 }, { b: 1, a: 1 }],
  ])('compares bytes: it finds %s, in memory and from the store', async (_, one, kept, again) => {
    const { one: first, other, source } = open();
    const answer = (row: object) => {
      const { member } = source;
      const [rows, moment] = [[BSON.serialize(row)], at(10)];
      source.fetch = async () => ({ rows, member, asOf: moment, moment, storable: true });
    };
    answer(kept);
    await first.engine.read(one, undefined, {});
    await settle();
    await first.engine.read(one, undefined, {});
    await settle();
    expect(first.named('audited')).toHaveLength(1);
    answer(again);
    for (const process of [first, other]) {
      await process.engine.read(one, undefined, {});
      await settle();
      expect(process.named('auditFailed')).toMatchObject([{ difference: 'rows', mode: 'bounded' }]);
    }
  });

  it('finds a refill from a member that lagged behind the invalidation', async () => {
    const { one, source, read } = open();
    await read();
    const after = source.write('new');
    source.lag = 10;
    source.waits = false;
    await one.engine.invalidate({ collections: ['contracts'], after });
    expect(await read()).toBe('old');
    await read();
    expect(one.named('auditFailed')).toMatchObject([{ difference: 'olderThanInvalidation' }]);
  });

  it('finds an invalidation that this process missed', async () => {
    // Whatever the store says of its position, it is the first one: so no gap is ever noticed.
    const { one, other, remote, source, clock, read } = open((store) =>
      Object.assign(Object.create(null), store, {
        position: async () => ({ epoch: 'one', sequence: 1 }),
      }),
    );
    await settle();
    await read();
    remote.losesMessages = true;
    const after = source.write('new');
    await other.engine.invalidate({ collections: ['contracts'], after });
    await read();
    await clock.advanceAsync(HEARTBEAT_MS + 600);
    await settle();
    expect(one.named('auditFailed')).toMatchObject([{ difference: 'missedInvalidation' }]);
  });

  it.each([
    [
      'the store cannot be asked',
      async ({ remote }: ReturnType<typeof open>) => remote.setState('away'),
    ],
    ['its cache was closed', ({ one }: ReturnType<typeof open>) => one.engine.close()],
  ])(
    'does not blame a process that does not hear of an invalidation because %s',
    async (_, cut) => {
      const process = open();
      const { one, other, remote, source, clock, read } = process;
      await read();
      remote.losesMessages = true;
      await other.engine.invalidate({ collections: ['contracts'], after: source.write('new') });
      expect(await read()).toBe('old');
      await cut(process);
      await clock.advanceAsync(HEARTBEAT_MS + 600);
      await settle();
      expect(one.named('auditFailed')).toEqual([]);
    },
  );

  it('is of one hit in so many, and of no answer that is not of an exact moment', async () => {
    const { one, source, read } = open();
    const plain = { ...audited, auditRate: 0 };
    await one.engine.read(plain, undefined, {});
    await one.engine.read(plain, undefined, {});
    expect(source.requests.every(({ moment }) => moment === undefined)).toBe(true);
    await read();
    const rare = { ...audited, auditRate: 3 };
    await one.engine.read(rare, undefined, {});
    await settle();
    expect(one.named('audited')).toEqual([]);
  });
});
