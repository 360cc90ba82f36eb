import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import { contracts } from '../support/classes.js';
import { startProcess } from '../support/process.js';

const open = () => startProcess({ clock: new ManualClock() });

describe('a prepared read', () => {
  it('is the very read that it was prepared from', async () => {
    const { engine, source } = open();
    const query = await engine.prepare(contracts, { id: 1 }, 'acme');
    const first = await query.read();
    expect(first.cache).toBe('MISS');
    const same = await engine.read(contracts, { id: 1 }, { tenant: 'acme' });
    expect(same.rows).toBe(first.rows);
    expect((await query.read()).rows).toBe(first.rows);
    expect(source.requests).toHaveLength(1);
    expect(query.key).toBe(same.explain().key);
    await engine.read(contracts, { id: 1 }, {});
    expect(source.requests).toHaveLength(2);
  });

  it('asks again after an invalidation', async () => {
    const { engine, source } = open();
    const query = await engine.prepare(contracts, { id: 1 }, undefined);
    await query.read();
    source.rows = [{ value: 'new' }];
    await engine.invalidate({ collections: ['contracts'] });
    expect((await query.read()).rows).toEqual([{ value: 'new' }]);
  });

  it('is refused when its parameters are', async () => {
    const { engine } = open();
    const tenants = definePipelineClass({
      name: 'tenants',
      collection: 'a',
      pipeline: [],
      tenant: 'required',
    });
    await expect(engine.prepare(tenants, undefined, undefined)).rejects.toMatchObject({
      code: 'TENANT_REQUIRED',
    });
  });

  it('rejects, and never throws, when it is too late or given up', async () => {
    const { engine } = open();
    const query = await engine.prepare(contracts, { id: 1 }, undefined);
    const aborted = query.read({ signal: AbortSignal.abort('enough') });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    const wrong = query.read({ after: 5 as never });
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await engine.close();
    await expect(query.read()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('an answer', () => {
  it('explains where it is from, how old it is, what it cost and what would make it void', async () => {
    const { engine, source } = open();
    await engine.read(contracts, { id: 1 }, {});
    const answer = await engine.read(contracts, { id: 1 }, { tenant: 'acme' });
    expect(answer.explain()).toEqual({
      pipelineClass: 'contracts',
      key: expect.any(String),
      mode: 'bounded',
      source: 'member',
      cache: 'MISS',
      member: source.member,
      ageMs: 0,
      tookMs: 0,
      stale: false,
      joined: false,
      costMs: 0,
      asOf: undefined,
      dependencies: [
        '*',
        'c:shop.payments',
        'd:shop.contracts:i1',
        'k:contracts',
        'n:acme',
        'w:shop.contracts',
      ],
      uncacheable: undefined,
    });
  });
});
