import { describe, expect, it } from 'vitest';
import type { RemoteStore } from '../../../src/ports/remote-store.js';
import { type RemoteStoreFixture, remoteStoreConformance } from '../../../src/testing/index.js';
import { Host } from './host.js';
import { Prng } from './prng.js';
import { RedisLink } from './redis-link.js';
import { RedisServer } from './redis-server.js';
import { Scheduler } from './scheduler.js';

/** Milliseconds of simulated time that go by at once. */
const STEP_MS = 0.25;
/** Longer than a message takes in calm weather. */
const MESSAGE_MS = 2;

/** Nothing is very late: what delays do to the cache is for the simulation to find. */
class Calm extends Prng {
  override chance(): boolean {
    return false;
  }
}

/** Lets simulated time go by while something is waited for, and only then. */
const timeOf = (scheduler: Scheduler) => {
  let waiting = 0;
  let isGoing = false;
  const go = async (): Promise<void> => {
    if (isGoing) return;
    isGoing = true;
    while (waiting > 0) {
      await scheduler.runUntil(scheduler.now + STEP_MS);
      await scheduler.quiet();
    }
    isGoing = false;
  };
  return async <T>(answer: Promise<T>): Promise<T> => {
    waiting += 1;
    void go();
    return answer.finally(() => {
      waiting -= 1;
    });
  };
};

/** The link, whose every answer is waited for in simulated time. */
const waitingFor = (link: RedisLink, wait: ReturnType<typeof timeOf>): RemoteStore =>
  new Proxy(link, {
    get: (_, name) => {
      const found: unknown = Reflect.get(link, name, link);
      if (typeof found !== 'function') return found;
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(found, link, args);
        return result instanceof Promise ? wait(result) : result;
      };
    },
  });

const open = async (): Promise<RemoteStoreFixture> => {
  const scheduler = new Scheduler(new Prng(1));
  const server = new RedisServer(() => scheduler.now);
  const rest = { isRough: false, isFrozen: false, frozen: [], lossRate: 0 };
  const network = { server, scheduler, ...rest };
  const links = [1, 2].map(
    (seed) =>
      new RedisLink(new Host(`p${seed}`, scheduler, new Prng(seed)), network, new Calm(seed)),
  );
  const wait = timeOf(scheduler);
  const elapse = (ms: number) =>
    wait(new Promise<void>((resolve) => void scheduler.after(ms, resolve)));
  server.publish = (message) => {
    for (const link of links) link.hear(message);
    void elapse(MESSAGE_MS);
  };
  const [one, other] = links.map((link) => waitingFor(link, wait)) as [RemoteStore, RemoteStore];
  return {
    one,
    other,
    elapse,
    wipe: async () => server.wipe(),
    evict: async (dependency) => server.evictGeneration(() => dependency),
    close: async () => {},
  };
};

describe('the simulated Redis', () => {
  it.each(remoteStoreConformance(open))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
