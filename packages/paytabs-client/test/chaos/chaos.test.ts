import { bundle } from '@nestcms/scripts/bundle';
import { FOREIGN_SERVERS_REASON, startRedis, usesForeignServers } from '@nestcms/testbed';
import { expect, it, onTestFinished } from 'vitest';
import { Chaos } from './run.js';

const patience = 300_000;

it.skipIf(usesForeignServers)(
  `payments survive killed and frozen processes, and a gateway in trouble (${FOREIGN_SERVERS_REASON})`,
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const shop = await bundle(new URL('shop.ts', import.meta.url));
    onTestFinished(() => shop.remove());
    const { kills, paid, ...result } = await new Chaos({
      payments: 300,
      seed: 1,
      concurrency: 32,
      factor: 60,
      processes: 2,
      duplicateGuard: 'off',
      redisUrl: redis.url,
      shopPath: shop.path,
    }).run();
    expect(result).toMatchObject({
      chargedTwice: [],
      lost: [],
      invented: [],
      crashes: [],
      illegal: [],
      leaks: [],
      unfinished: 0,
    });
    expect(paid).toBeGreaterThan(200);
    expect(kills).toBeGreaterThan(3);
  },
  patience,
);
