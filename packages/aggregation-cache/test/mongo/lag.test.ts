import { setTimeout as wait } from 'node:timers/promises';
import {
  FOREIGN_SERVERS_REASON,
  type ReplicaSet,
  startReplicaSet,
  usesForeignServers,
} from '@nestcms/testbed';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import { aggregation } from '../support/aggregation.js';
import { openClient, openDatabase } from '../support/open-cache.js';
import { openSource } from '../support/open-source.js';
import { soon } from '../support/soon.js';

const writes = {
  ...definePipelineClass({
    name: 'writes',
    collection: 'writes',
    pipeline: [{ $count: 'n' }],
    members: [{ replica: 'replica1' }, { replica: 'replica2' }],
  }),
};

/** Far beyond what a healthy member lags by on a busy machine. */
const BUDGET_MS = 2_000;

describe.skipIf(usesForeignServers)(`the lag probe (${FOREIGN_SERVERS_REASON})`, () => {
  let set: ReplicaSet;

  beforeAll(async () => {
    set = await startReplicaSet({ lagControl: true });
  }, 60_000);

  afterAll(() => set?.stop());

  /** Writes every few milliseconds, and remembers when each write was sent. */
  const open = async (options: Parameters<typeof openSource>[2] = {}) => {
    const { client, sent } = await openClient(set.uri);
    const database = openDatabase(client);
    const opened = openSource(client, database, options);
    const sentAt: number[] = [];
    const state = { isWriting: true };
    const writing = (async () => {
      while (state.isWriting) {
        sentAt.push(performance.now());
        await database
          .collection<{ _id: number }>('writes')
          .insertOne({ _id: sentAt.length - 1 }, { writeConcern: { w: 1 } });
        // A pace that leaves the machine to others.
        await wait(5);
      }
    })();
    const stop = async () => {
      state.isWriting = false;
      await writing;
    };
    onTestFinished(stop);
    const memberOf = (replica: 'replica1' | 'replica2' | 'replica3') =>
      opened.source.members().find(({ address }) => address === set.members[replica].address);
    const fetch = (pipelineClass = writes) =>
      opened.source.fetch({ pipelineClass, operation: aggregation([{ $count: 'n' }]) });
    await soon(() => sentAt.length > 3);
    return { ...opened, database, sent, sentAt, stop, memberOf, fetch };
  };

  it('is right to 100 ms at one probe a second', async () => {
    const { database, sentAt, stop, memberOf, fetch } = await open();
    await fetch();
    await soon(() => memberOf('replica1')?.lagMs === 0, 'the first probe');
    await set.members.replica1.setLag(true);
    try {
      const direct = set.members.replica1.client().db(database.databaseName);
      const seen = await direct.collection('writes').estimatedDocumentCount();
      const since = sentAt[seen] ?? Number.NaN;
      // The next round of probes.
      await soon(() => (memberOf('replica1')?.lagMs ?? 0) > 0);
      const errors: number[] = [];
      const until = performance.now() + 3_500;
      await soon(() => {
        const lagMs = memberOf('replica1')?.lagMs ?? Number.NaN;
        errors.push(Math.abs(lagMs - (performance.now() - since)));
        return performance.now() > until;
      });
      // Nobody can tell how far a member is between two writes, and on a busy machine they lie far apart.
      expect(Math.max(...errors)).toBeLessThanOrEqual(100 + longestGap(sentAt));
      // Those that follow are not taken for lagging.
      await soon(() => (memberOf('replica2')?.lagMs ?? 1_000) <= 100, 'the others');
    } finally {
      await set.members.replica1.setLag(false);
    }
    await soon(() => (memberOf('replica1')?.lagMs ?? 1_000) <= 100, 'the member to catch up');
    await stop();
  }, 60_000);

  it('keeps reads from a member over the budget, without a question to it', async () => {
    const { stop, memberOf, fetch, sent, passedOver } = await open({
      lagProbeMs: 200,
      lagBudgetMs: BUDGET_MS,
    });
    const answer = await fetch();
    expect(answer.member.address).toBe(set.members.replica1.address);
    await set.members.replica1.setLag(true);
    try {
      await soon(() => (memberOf('replica1')?.lagMs ?? 0) > BUDGET_MS);
      sent.length = 0;
      const other = await fetch();
      expect(other.member.address).toBe(set.members.replica2.address);
      expect(sent.map(({ address }) => address)).toEqual([set.members.replica2.address]);
      expect(passedOver).toContain(`${set.members.replica1.address} lagging`);
      // A class may be more patient than the cache.
      const patient = await fetch({ ...writes, lagBudgetMs: 60_000 } as never);
      expect(patient.member.address).toBe(set.members.replica1.address);
    } finally {
      await set.members.replica1.setLag(false);
    }
    await soon(async () => (await fetch()).member.address === set.members.replica1.address);
    await stop();
  }, 60_000);

  it('takes a quiet set for one that does not lag', async () => {
    const { stop, memberOf, fetch } = await open({ lagProbeMs: 100 });
    await stop();
    await set.waitUntilCaughtUp();
    await fetch();
    const lags = new Set<number | undefined>();
    const until = performance.now() + 1_200;
    await soon(() => {
      lags.add(memberOf('replica1')?.lagMs);
      return performance.now() > until;
    });
    // A heartbeat of the set may be written meanwhile.
    expect(Math.max(...[...lags].map((lag) => lag ?? 0))).toBeLessThanOrEqual(100);
    expect(lags).toContain(0);
  }, 30_000);

  it('finds out a frozen member before reads wait for it', async () => {
    const { stop, memberOf, fetch, passedOver } = await open({
      lagProbeMs: 200,
      lagBudgetMs: BUDGET_MS,
    });
    await fetch();
    await soon(() => memberOf('replica1')?.lagMs !== undefined);
    await set.members.replica1.freeze();
    try {
      await soon(() => (memberOf('replica1')?.lagMs ?? 0) > BUDGET_MS);
      expect((await fetch()).member.address).toBe(set.members.replica2.address);
      expect(passedOver).toEqual([`${set.members.replica1.address} lagging`]);
    } finally {
      await set.members.replica1.thaw();
    }
    await soon(async () => (await fetch()).member.address === set.members.replica1.address);
    await stop();
  }, 60_000);
});

/** Milliseconds. */
const longestGap = (times: readonly number[]): number =>
  Math.max(...times.slice(1).map((time, index) => time - (times[index] as number)));
