import { randomUUID } from 'node:crypto';
import { type Bundle, bundle } from '@nestcms/scripts/bundle';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { createInbox } from '../../src/inbox/index.js';
import { type Child, startChild } from '../support/child-process.js';
import { accepted } from './accepted.js';
import { openInboxStore } from './open-inbox-store.js';
import type { WorkerNews, WorkerOptions } from './worker-process.js';

type Begun = Extract<WorkerNews, { event: 'begun' }>;
interface Heard {
  readonly child: Child<WorkerNews>;
  readonly news: WorkerNews;
}

/** Three workers over one store, and all that they tell, in the order of its coming. */
function startWorkers(path: string, options: WorkerOptions) {
  const heard: Heard[] = [];
  const children = Array.from({ length: 3 }, () =>
    startChild<WorkerNews>(path, [JSON.stringify(options)]),
  );
  const listen = async (child: Child<WorkerNews>): Promise<void> => {
    for (;;) heard.push({ child, news: await child.hear() });
  };
  const ended = children.map((child) => listen(child).catch(() => {}));
  const count = (event: WorkerNews['event']) =>
    heard.filter(({ news }) => news.event === event).length;
  const begun = () =>
    heard.flatMap(({ child, news }) => (news.event === 'begun' ? [{ child, ...news }] : []));
  const stop = async () => {
    await Promise.all(children.map((child) => child.kill()));
    await Promise.all(ended);
  };
  return { count, begun, stop };
}

describe('workers that are killed in the middle of their work', () => {
  let worker: Bundle;
  const name = `test-${randomUUID().slice(0, 8)}`;
  beforeAll(async () => {
    worker = await bundle(new URL('worker-process.ts', import.meta.url));
  });
  afterAll(async () => {
    await worker.remove();
    const client = new MongoClient(inject('mongodbUri'));
    await client.db(name).dropDatabase();
    await client.close();
  });

  it.concurrent.for(['redis', 'mongodb'] as const)(
    'leave their delivery to others when the lease is over, not before, and at last as a dead letter (%s)',
    async (kind, { expect }) => {
      const address = inject(kind === 'redis' ? 'redisStateUrl' : 'mongodbUri');
      const options = { kind, address, name, leaseMs: 1_000, maxAttempts: 2 };
      const place = await openInboxStore(options);
      const inbox = createInbox({ store: place.store, process: () => {} });
      const { count, begun, stop } = startWorkers(worker.path, options);
      const attempt = async (number: number): Promise<Begun & { child: Child<WorkerNews> }> => {
        await expect.poll(() => begun().length, { interval: 5 }).toBe(number);
        return begun()[number - 1] as Begun & { child: Child<WorkerNews> };
      };
      try {
        await expect.poll(() => count('ready')).toBe(3);
        await inbox.receive(await accepted('TST1'));
        const first = await attempt(1);
        await first.child.kill();
        const firstEnd = await place.leaseEndOf(first.key);
        const second = await attempt(2);
        expect(second).toMatchObject({ key: first.key, attempt: 2 });
        expect(second.at).toBeGreaterThanOrEqual(firstEnd);
        await second.child.kill();
        await expect.poll(() => count('buried')).toBe(1);
        expect(begun()).toHaveLength(2);
        const { entries } = await inbox.deadLetters();
        expect(entries).toMatchObject([
          { key: first.key, attempts: 3, error: { code: 'LEASE_LOST' } },
        ]);
        expect(await inbox.replay(first.key)).toBe(true);
        const third = await attempt(3);
        expect(third).toMatchObject({ key: first.key, attempt: 1 });
        third.child.tell({});
        await expect.poll(() => count('processed')).toBe(1);
        expect(await inbox.counts()).toEqual({ due: 0, later: 0, dead: 0 });
      } finally {
        await stop();
        await place.close();
      }
    },
  );
});
