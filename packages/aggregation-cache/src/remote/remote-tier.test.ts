import { CircuitBreaker, GuardedEmitter } from '@nestcms/circuit-breaker';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { AggregationCacheEvents } from '../cache/events.js';
import type { RemoteStore } from '../ports/remote-store.js';
import { type EnvelopeOptions, Envelopes } from '../rows/envelope.js';
import { InMemoryRemote } from '../testing/in-memory-remote.js';
import { RemoteTier } from './remote-tier.js';

const pipelineClass = { name: 'accounts', version: 1 };
const personalClass = { ...pipelineClass, personal: true };
const question = { pipelineClass, key: 'k', dependencies: ['*', 'c:shop.accounts'] };
const rows = [BSON.serialize({ iban: 'AE07' })];

const open = (options: EnvelopeOptions = {}, wrap = (store: RemoteStore) => store) => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  const events = new GuardedEmitter<AggregationCacheEvents>();
  const happened: unknown[] = [];
  events.on('poisoned', ({ reason }) => happened.push(reason));
  events.on('remoteFailed', ({ operation, error }) =>
    happened.push([operation, (error as { code?: string }).code]),
  );
  const breaker = new CircuitBreaker({ name: 'remote', minimumCalls: 5, openForMs: 1_000, clock });
  const tier = new RemoteTier({
    store: wrap(remote.connect()),
    breaker,
    events,
    envelopes: new Envelopes(options),
  });
  const fill = async (personal = false) => {
    const asked = { ...question, pipelineClass: personal ? personalClass : pipelineClass };
    const answer = await tier.look(asked);
    const generations = (answer?.generations ?? []).map(
      ({ dependency, id }) => [dependency, id] as const,
    );
    const life = { ttlMs: 60_000, freshMs: 60_000, costMs: 1 };
    const content = { pipelineClass: 'accounts', version: 1, key: 'k', generations, ...life };
    return tier.store({ ...content, personal }, rows, 60_000);
  };
  return { clock, remote, tier, breaker, happened, fill };
};
const sealKeys = [{ id: 'a', key: Buffer.alloc(32, 1) }];

describe('the remote tier', () => {
  it('has what was stored, until something it depends on moves', async () => {
    const { tier, fill, happened } = open();
    expect(await fill()).toBe('stored');
    const found = await tier.look(question);
    expect(found?.value?.rows.map((row) => BSON.deserialize(row))).toEqual([{ iban: 'AE07' }]);
    await tier.invalidate([{ dependency: 'c:shop.accounts' }]);
    expect((await tier.look(question))?.value).toBeUndefined();
    expect(happened).toEqual([]);
  });

  it.each([
    ['another type, which the store tells as nothing', Buffer.alloc(0), 'foreign'],
    ['an older format', Buffer.from('NACV\u0001 and more'), 'format'],
    ['a value cut short', Buffer.from('NACV\u0002\u0000\u0000\u0000'), 'corrupt'],
  ])('takes %s for a miss, says so, and removes it', async (_, bytes, reason) => {
    const { remote, tier, happened } = open();
    remote.plant('k', bytes, 60_000);
    const answer = await tier.look(question);
    expect(answer?.generations).toHaveLength(2);
    expect(answer?.value).toBeUndefined();
    expect(happened).toEqual([reason]);
    expect(remote.keys()).toEqual([]);
  });

  it('seals what is personal, and takes it in the clear for a miss', async () => {
    const { remote, tier, fill, happened } = open({ sealKeys });
    expect(await fill(true)).toBe('stored');
    expect(Buffer.from(remote.bytes('k') ?? []).includes('AE07')).toBe(false);
    const asked = { ...question, pipelineClass: personalClass };
    expect((await tier.look(asked))?.value?.rows).toHaveLength(1);
    await fill(false);
    expect((await tier.look(asked))?.value).toBeUndefined();
    // Once for each way round.
    expect(happened).toEqual(['sealed', 'sealed']);
  });

  it('never stores in the clear what is personal, and its breaker does not hear of it', async () => {
    const { remote, breaker, fill, happened } = open();
    for (let round = 0; round < 20; round += 1) expect(await fill(true)).toBeUndefined();
    expect(remote.keys()).toEqual([]);
    expect(happened).toContainEqual(['store', 'SEAL_KEY_REQUIRED']);
    expect(breaker.state).toBe('closed');
  });

  it('rejects nothing, whatever the store does, and asks it no more after some failures', async () => {
    let asked = 0;
    const failing = (store: RemoteStore) =>
      new Proxy(store, {
        get: (target, name) =>
          name === 'state'
            ? target.state
            : () => {
                asked += 1;
                return Promise.reject(new Error('broken'));
              },
      });
    const { tier, happened } = open({}, failing);
    const lease = { key: 'l', fence: 1 };
    const calls = [
      () => tier.look(question),
      () => tier.generations(['*']),
      () => tier.position(),
      () => tier.invalidate([{ dependency: '*' }]),
      () => tier.lease('l', 1_000),
      () => tier.renew(lease, 1_000),
      () => tier.release(lease),
      () => tier.progress('l'),
      () => tier.saveProgress(lease, new Uint8Array()),
    ];
    for (const call of calls) expect(await call()).toBeUndefined();
    expect(asked).toBe(5);
    expect(happened).toHaveLength(5);
    expect(tier.state).toBe('open');
  });

  it('asks nothing of a store that is away', async () => {
    const { remote, tier, fill, happened } = open();
    remote.setState('away');
    expect(await tier.look(question)).toBeUndefined();
    expect(await fill()).toBeUndefined();
    expect(happened).toEqual([]);
    expect(tier.state).toBe('away');
  });
});
