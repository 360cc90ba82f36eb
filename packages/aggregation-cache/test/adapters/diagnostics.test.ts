import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { MongoClient } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { publishEvents } from '../../src/adapters/diagnostics/index.js';
import { AggregationCache } from '../../src/index.js';
import { contracts } from '../support/classes.js';
import { startProcess } from '../support/process.js';

const listen = (name: string) => {
  const heard: unknown[] = [];
  const onMessage = (message: unknown) => {
    heard.push(message);
  };
  subscribe(name, onMessage);
  const stop = () => unsubscribe(name, onMessage);
  onTestFinished(() => {
    stop();
  });
  return { heard, stop };
};

describe('the channels', () => {
  it('carry each event of a cache to whoever subscribes, until ended', async () => {
    const { engine, events, happened } = startProcess({ clock: new ManualClock() });
    const end = publishEvents({ events });
    const channels = ['missed', 'filled', 'hit', 'invalidated'] as const;
    const heard = channels.map((name) => listen(`nestcms.aggregation-cache.${name}`).heard);
    await engine.read(contracts, { id: 1 }, {});
    await engine.read(contracts, { id: 1 }, {});
    await engine.invalidate({ tags: ['a'] });
    const told = channels.map((name) =>
      happened.filter(({ event }) => event === name).map(({ payload }) => payload),
    );
    expect(heard.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    expect(heard).toEqual(told);
    end();
    await engine.read(contracts, { id: 1 }, {});
    expect(heard[2]).toHaveLength(1);
  });

  it('are not told anything while nobody subscribes', () => {
    const client = new MongoClient('mongodb://127.0.0.1:1');
    const cache = new AggregationCache({ client, database: 'shop' });
    onTestFinished(() => cache.close());
    publishEvents(cache, { prefix: 'silent' });
    expect(cache.events.hears('hit')).toBe(false);
    const { stop } = listen('silent.hit');
    expect(cache.events.hears('hit')).toBe(true);
    stop();
    expect(cache.events.hears('hit')).toBe(false);
  });

  it('have a name that is not blank, and a cache', () => {
    const { events } = startProcess({ clock: new ManualClock() });
    const refused = (option: string) =>
      expect.objectContaining({
        code: 'INVALID_OPTION',
        details: expect.objectContaining({ option }),
      });
    expect(() => publishEvents({ events }, { prefix: ' ' })).toThrow(refused('prefix'));
    expect(() => publishEvents({ events }, { name: 'x' } as never)).toThrow(refused('name'));
    expect(() => publishEvents(undefined as never)).toThrow(refused('cache.events'));
  });
});
