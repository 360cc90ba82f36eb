import { amount, type Findings, judge, median, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { contractDetails, type Engine, openEngine, rowsOf } from '../support/engine.ts';
import { openStore } from '../support/open-store.ts';
import { connectTo, testbed } from '../support/servers.ts';
import { callsPerSecond } from '../support/throughput.ts';

const CALLERS = 16;
const SOURCE_MS = 2;
const HEALTHY_MS = 1_000;
const OUTAGE_MS = 3_000;
const GRACE_MS = 100;
const LEAST_PERCENT = 95;
const MOST_BACK_MS = 500;

interface Outage {
  readonly healthy: number;
  readonly grace: number;
  readonly during: number;
  readonly backMs: number;
  readonly rejected: number;
}

/** Readers of what nobody has asked yet, while Redis goes away and comes back. */
export const run = async ({ quick }: Settings, note: Note): Promise<Findings> => {
  const verdicts: Verdict[] = [];
  const body: string[][] = [];
  for (const kind of ['killed', 'frozen'] as const) {
    const found: Outage[] = [];
    const bases: number[] = [];
    for (let round = 0; round < (quick ? 1 : 3); round += 1) {
      note(`${kind}, round ${round + 1}`);
      const alone = await openEngine({ load });
      bases.push(
        await callsPerSecond(await neverRead(alone.engine), { callers: CALLERS, ms: HEALTHY_MS }),
      );
      await alone.engine.close();
      found.push(await outage(kind));
    }
    const of = (name: keyof Outage) => median(found.map((each) => each[name]));
    const base = median(bases);
    const share = (100 * of('during')) / base;
    verdicts.push(
      {
        row: `throughput with Redis ${kind}, against none`,
        figure: `${share.toFixed(1)} %`,
        ...judge(share, { least: LEAST_PERCENT, unit: ' %' }),
      },
      {
        row: `in Redis again after it was ${kind}`,
        figure: `${amount(of('backMs'))} ms`,
        ...judge(of('backMs'), { most: MOST_BACK_MS, unit: ' ms' }),
      },
      {
        row: `reads rejected, ${kind}`,
        figure: amount(of('rejected')),
        ...judge(of('rejected'), { most: 0 }),
      },
    );
    body.push([kind, ...[base, of('healthy'), of('grace'), of('during')].map(amount)]);
  }
  const head = ['Redis', 'without, a second', 'healthy', `first ${GRACE_MS} ms`, 'after them'];
  return { verdicts, tables: [{ title: 'Redis goes away, 16 callers', head, body }] };
};

const load = async (): Promise<Uint8Array[]> => {
  await new Promise((resolve) => setTimeout(resolve, SOURCE_MS));
  return rowsOf(1);
};

let asked = 0;
const neverRead = async (engine: Engine) => {
  const details = await contractDetails();
  return () => {
    asked += 1;
    return engine.read(details, { id: asked }, {});
  };
};

const outage = async (kind: 'killed' | 'frozen'): Promise<Outage> => {
  const server = await testbed.startRedis({ maxmemory: '256mb', policy: 'allkeys-lru' });
  const redis = connectTo(server.url);
  const store = await openStore(redis);
  const { engine } = await openEngine({ load, store });
  let rejected = 0;
  const read = await neverRead(engine);
  const call = () =>
    read().catch(() => {
      rejected += 1;
    });
  try {
    const healthy = await callsPerSecond(call, { callers: CALLERS, ms: HEALTHY_MS });
    await (kind === 'killed' ? server.kill() : server.freeze());
    const grace = await callsPerSecond(call, { callers: CALLERS, ms: GRACE_MS });
    const during = await callsPerSecond(call, { callers: CALLERS, ms: OUTAGE_MS });
    await (kind === 'killed' ? server.restart() : server.thaw());
    const backAt = performance.now();
    while (engine.stats().remote.state !== 'ready' && performance.now() < backAt + 10_000) {
      await callsPerSecond(call, { callers: CALLERS, ms: 5 });
    }
    return { healthy, grace, during, backMs: performance.now() - backAt, rejected };
  } finally {
    await engine.close();
    await store.close();
    redis.disconnect();
    await server.stop();
  }
};
