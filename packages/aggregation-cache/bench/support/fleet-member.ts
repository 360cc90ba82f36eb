// One process of a fleet, told what to do by the rows that start it.
import type { Redis } from 'ioredis';
import { PEERS } from '../columns/peers.ts';
import { loadBuilt } from './build.ts';
import { contractDetails, objectsOf, openEngine, rowsOf } from './engine.ts';
import { openStore } from './open-store.ts';
import { sharedNow } from './processes.ts';
import { connectTo } from './servers.ts';

export const OURS = 'ours';

export interface FleetOrders {
  /** `ours` or a peer. */
  readonly cache: string;
  readonly redisUrl: string;
  /** Where messages are heard; default `redisUrl`. */
  readonly messagesUrl?: string;
  readonly sourceMs: number;
  readonly fails: boolean;
}

interface Opened {
  readonly read: (id: number) => Promise<unknown>;
  readonly invalidate: (id: number) => Promise<unknown>;
}

let opened: Opened;
let loads = 0;
let slowestLoad = 0;
let floor: Redis | undefined;

export const open = async (orders: FleetOrders): Promise<void> => {
  const { cache, redisUrl, messagesUrl = redisUrl, sourceMs, fails } = orders;
  const ask = async <T>(value: () => T): Promise<T> => {
    loads += 1;
    const started = sharedNow();
    if (sourceMs > 0) await new Promise((resolve) => setTimeout(resolve, sourceMs));
    slowestLoad = Math.max(slowestLoad, sharedNow() - started);
    if (fails) throw new Error('The source failed.');
    return value();
  };
  if (cache === OURS) {
    const store = await openStore(connectTo(redisUrl), { subscriber: connectTo(messagesUrl) });
    const { AggregationCacheError } = await loadBuilt('index');
    // As members fail: what the driver throws never gets as far as the cache.
    const queryFailed = () => {
      throw new AggregationCacheError('QUERY_FAILED', 'The source failed.', {
        pipelineClass: 'contractDetails',
        member: 'source:1',
      });
    };
    const load = () => ask(() => rowsOf(1)).catch(queryFailed);
    const { engine } = await openEngine({ load, store });
    const details = await contractDetails();
    opened = {
      read: (id) => engine.read(details, { id }, {}),
      invalidate: () => engine.invalidate({ collections: ['contracts'] }),
    };
    return;
  }
  const commands = connectTo(redisUrl);
  const redis = { commands, connect: () => connectTo(messagesUrl) };
  const peer = await PEERS[cache]?.({ load: () => ask(() => objectsOf(1)), redis });
  if (peer === undefined) throw new Error(`No peer '${cache}'.`);
  opened = {
    read: (id) => peer.get(`contract-${id}`),
    invalidate: async (id) => peer.invalidate?.(`contract-${id}`),
  };
};

export const read = async (id: number): Promise<void> => {
  await opened.read(id);
};

/** @returns when it was begun */
export const invalidate = async (id: number): Promise<number> => {
  const started = sharedNow();
  await opened.invalidate(id);
  return started;
};

export interface CrowdResult {
  readonly loads: number;
  readonly loadMs: number;
  readonly slowestMs: number;
  readonly rejected: number;
}

/** A peer may leave callers without any answer. */
const PATIENCE_MS = 6_000;

/** So many callers at once for one question. */
export const crowd = async ({
  id,
  callers,
}: {
  readonly id: number;
  readonly callers: number;
}): Promise<CrowdResult> => {
  loads = 0;
  slowestLoad = 0;
  let [slowestMs, rejected, answered] = [0, 0, 0];
  const started = sharedNow();
  const call = async () => {
    await opened.read(id).catch(() => {
      rejected += 1;
    });
    answered += 1;
    slowestMs = Math.max(slowestMs, sharedNow() - started);
  };
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([Promise.all(Array.from({ length: callers }, call)), late]);
  slowestMs = answered === callers ? slowestMs : PATIENCE_MS;
  return { loads, loadMs: slowestLoad, slowestMs, rejected };
};

const turn = () => new Promise(setImmediate);

/** Reads until the rows are loaded anew. @returns when the read that did began; undefined if not within `mostMs` */
export const untilReloaded = async ({
  id,
  mostMs,
}: {
  readonly id: number;
  readonly mostMs: number;
}): Promise<number | undefined> => {
  await opened.read(id);
  const before = loads;
  const deadline = sharedNow() + mostMs;
  for (;;) {
    const begun = sharedNow();
    if (begun > deadline) return undefined;
    await opened.read(id);
    if (loads > before) return begun;
    await turn();
  }
};

export const hear = async (redisUrl: string): Promise<void> => {
  floor = connectTo(redisUrl);
  await floor.subscribe('floor');
};

/** Waits for one message in as busy a loop, after `hear`. @returns when it came */
export const untilMessage = async (): Promise<number> => {
  let heardAt = 0;
  floor?.once('message', () => {
    heardAt = sharedNow();
  });
  while (heardAt === 0) await turn();
  return heardAt;
};
