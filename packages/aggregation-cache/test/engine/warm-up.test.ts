import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { warmUp } from '../../src/cache/warm-up.js';
import { definePipelineClass } from '../../src/index.js';
import { startProcess } from '../support/process.js';

const byId = definePipelineClass<{ id: unknown }>({
  name: 'byId',
  collection: 'contracts',
  pipeline: ({ id }) => [{ $match: { _id: id } }],
});
const everything = definePipelineClass({ name: 'everything', collection: 'a', pipeline: [] });

const start = (recordHotReads: number) =>
  startProcess({ clock: new ManualClock(), recordHotReads, random: Math.random });

const ask = async ({ engine }: ReturnType<typeof start>, id: unknown, times: number) => {
  for (let n = 0; n < times; n += 1) await engine.read(byId, { id }, { tenant: 'acme' });
};

describe('the reads that are asked most', () => {
  it('are not recorded unless that is asked for', async () => {
    const one = start(0);
    await ask(one, 1, 5);
    expect(one.engine.hotReads(10)).toEqual([]);
  });

  it('are known with their count, within a fixed room, whatever is asked once', async () => {
    const one = start(50);
    const hot = new ObjectId();
    for (let n = 0; n < 40; n += 1) {
      await ask(one, hot, 3);
      for (let other = 0; other < 20; other += 1) await ask(one, n * 1_000 + other, 1);
    }
    const [first, ...others] = one.engine.hotReads(1_000);
    expect(others).toHaveLength(49);
    expect(first).toMatchObject({ pipelineClass: 'byId', tenant: 'acme' });
    expect(first?.reads).toBeGreaterThanOrEqual(120);
    expect(first?.params).toBe(`{"id":{"$oid":"${hot.toHexString()}"}}`);
  });

  it('are asked again by a process that starts, with the very same key', async () => {
    const one = start(50);
    const hot = new ObjectId();
    await ask(one, hot, 3);
    await one.engine.read(everything, undefined, {});
    // Through a file, say.
    const recorded = JSON.parse(JSON.stringify(one.engine.hotReads(100)));
    const other = start(0);
    const read: Parameters<typeof warmUp>[3] = (...args) => other.engine.read(...args);
    const broken = { pipelineClass: 'byId', params: '{{', reads: 1 };
    const result = await warmUp([...recorded, broken, null as never], [byId], 2, read);
    expect(result).toEqual({ warmed: 1, failed: 2, unknown: 1 });
    const answer = await other.engine.read(byId, { id: hot }, { tenant: 'acme' });
    expect(answer.source).toBe('memory');
  });
});
