import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { register as defaultRegister, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { registerCaches } from '../../src/adapters/prometheus/index.js';
import { COUNTED_METRICS, READ_METRICS } from '../../src/metrics/cache-metrics.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { contracts, users } from '../support/classes.js';
import { listenersOf, observed, tellExamples } from '../support/observed.js';
import { settle, startProcess } from '../support/process.js';

/** What is scraped, without help, types and the zeros. */
const lines = async (register: Registry) =>
  (await register.metrics())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.endsWith(' 0'));

const start = (options: Partial<Parameters<typeof startProcess>[0]> = {}) => {
  const clock = new ManualClock();
  const process = startProcess({ clock, ...options });
  const register = new Registry();
  const before = listenersOf(process);
  const end = registerCaches(observed(process), { register });
  const scraped = async (metric: string) =>
    (await lines(register)).filter((line) => line.startsWith(`aggregation_cache_${metric}`));
  return { ...process, clock, register, end, scraped, before, process };
};

const cache = 'cache="default"';

describe('the metrics', () => {
  it('have names, kinds, units and labels that dashboards can rely on', () => {
    const all = [...COUNTED_METRICS, ...READ_METRICS];
    expect(all.map(({ name, kind, unit, labels }) => [name, kind, unit, labels])).toEqual([
      ['aggregation_cache.reads', 'counter', '{read}', ['class', 'source', 'stale']],
      ['aggregation_cache.fills', 'counter', '{fill}', ['class', 'member']],
      ['aggregation_cache.slow_queries', 'counter', '{load}', ['class', 'scan']],
      ['aggregation_cache.not_stored', 'counter', '{result}', ['class', 'reason']],
      ['aggregation_cache.served_stale', 'counter', '{read}', ['class', 'reason']],
      ['aggregation_cache.refreshes', 'counter', '{load}', ['class', 'reason']],
      ['aggregation_cache.refreshes.failed', 'counter', '{load}', ['class']],
      ['aggregation_cache.failed_fast', 'counter', '{read}', ['class', 'by']],
      ['aggregation_cache.invalidations', 'counter', '{invalidation}', ['by']],
      ['aggregation_cache.members.passed_over', 'counter', '{member}', ['class', 'reason']],
      ['aggregation_cache.remote.failures', 'counter', '{operation}', ['operation', 'reason']],
      ['aggregation_cache.remote.messages_missed', 'counter', '{time}', []],
      ['aggregation_cache.remote.epochs', 'counter', '{time}', []],
      ['aggregation_cache.remote.poisoned', 'counter', '{value}', ['class', 'reason']],
      ['aggregation_cache.changes.ended', 'counter', '{time}', ['reason']],
      ['aggregation_cache.reads.joined', 'counter', '{read}', []],
      ['aggregation_cache.reads.failed', 'counter', '{read}', []],
      ['aggregation_cache.memory.entries', 'gauge', '{result}', []],
      ['aggregation_cache.memory.usage', 'gauge', 'By', []],
      ['aggregation_cache.memory.limit', 'gauge', 'By', []],
      ['aggregation_cache.memory.evictions', 'counter', '{result}', []],
      ['aggregation_cache.remote.state', 'gauge', '1', ['state']],
      ['aggregation_cache.remote.pending_invalidations', 'gauge', '{invalidation}', []],
      ['aggregation_cache.changes.role', 'gauge', '1', ['role']],
      ['aggregation_cache.changes.stalled', 'gauge', '1', []],
      ['aggregation_cache.member.state', 'gauge', '1', ['member', 'state']],
      ['aggregation_cache.member.lag', 'gauge', 's', ['member']],
      ['aggregation_cache.member.asked', 'counter', '{question}', ['member']],
      ['aggregation_cache.member.hedged', 'counter', '{question}', ['member']],
    ]);
    for (const { help } of all) expect(help).toMatch(/^[A-Z1].{10,}\.$/);
    expect(new Set(all.map(({ help }) => help)).size).toBe(all.length);
  });
});

describe('the Prometheus metrics', () => {
  it('count reads by class and source, and tell what fills took', async () => {
    const { engine, source, clock, scraped } = start();
    source.beforeAnswer = async () => clock.advance(20);
    await engine.read(contracts, { id: 1 }, {});
    await engine.read(contracts, { id: 1 }, {});
    await engine.read(contracts, { id: 1 }, {});
    await engine.read(users, { id: 1 }, {});
    const of = (rest: string) => `aggregation_cache_reads_total{${cache},${rest},stale="false"}`;
    const reads = [
      `${of('class="contracts",source="member"')} 1`,
      `${of('class="contracts",source="memory"')} 2`,
      `${of('class="users",source="member"')} 1`,
    ];
    expect((await scraped('reads_total')).sort()).toEqual(reads);
    expect((await scraped('reads_total')).sort()).toEqual(reads);
    expect(await scraped('fills_total')).toContain(
      `aggregation_cache_fills_total{${cache},class="contracts",member="fake:1"} 1`,
    );
    const duration = `{${cache},class="contracts"}`;
    expect(await scraped('fill_duration_seconds')).toEqual(
      expect.arrayContaining([
        `aggregation_cache_fill_duration_seconds_bucket{le="0.025",${cache},class="contracts"} 1`,
        `aggregation_cache_fill_duration_seconds_sum${duration} 0.02`,
        `aggregation_cache_fill_duration_seconds_count${duration} 1`,
      ]),
    );
  });

  it('tell a stale answer apart', async () => {
    const { events, scraped } = start();
    const hit = { pipelineClass: 'contracts', key: 'k', source: 'remote', ageMs: 1, stale: true };
    events.emit('hit', hit as never);
    expect(await scraped('reads_total')).toEqual([
      `aggregation_cache_reads_total{${cache},class="contracts",source="remote",stale="true"} 1`,
    ]);
  });

  it('tell slow loads that want for an index apart', async () => {
    const { events, scraped } = start();
    for (const scans of [['shop.contracts'], []]) {
      const plan = { stages: [], scans, indexes: [] };
      const slow = { pipelineClass: 'contracts', key: 'k', member: 'a:1', tookMs: 5, hints: [] };
      events.emit('slowQuery', { ...slow, plan });
    }
    const of = (scan: boolean) => `{${cache},class="contracts",scan="${scan}"} 1`;
    expect(await scraped('slow_queries')).toEqual([
      `aggregation_cache_slow_queries_total${of(true)}`,
      `aggregation_cache_slow_queries_total${of(false)}`,
    ]);
  });

  it('count every other event by what tells it apart, and none of its texts', async () => {
    const { process, scraped } = start();
    tellExamples(process);
    tellExamples(process);
    const counted = (await scraped('')).filter(
      (line) => line.includes('_total{') && !line.includes('reads_total'),
    );
    const contract = `${cache},class="contracts"`;
    expect(counted).toEqual([
      `aggregation_cache_slow_queries_total{${contract},scan="unknown"} 2`,
      `aggregation_cache_not_stored_total{${contract},reason="moved"} 2`,
      `aggregation_cache_served_stale_total{${contract},reason="failed"} 2`,
      `aggregation_cache_refreshes_total{${contract},reason="early"} 2`,
      `aggregation_cache_refreshes_failed_total{${contract}} 2`,
      `aggregation_cache_failed_fast_total{${contract},by="elsewhere"} 2`,
      `aggregation_cache_members_passed_over_total{${contract},reason="breakerOpen"} 2`,
      `aggregation_cache_remote_failures_total{${cache},operation="look",reason="timeout"} 2`,
      `aggregation_cache_remote_messages_missed_total{${cache}} 2`,
      `aggregation_cache_remote_epochs_total{${cache}} 2`,
      `aggregation_cache_remote_poisoned_total{${contract},reason="corrupt"} 2`,
      `aggregation_cache_changes_ended_total{${cache},reason="historyLost"} 2`,
    ]);
  });

  it('tell what stats tell: memory, remote store, changes, members', async () => {
    const remote = new InMemoryRemote();
    const { engine, source, scraped } = start({ store: remote.connect() });
    await engine.read(contracts, { id: 1 }, {});
    await settle();
    remote.setState('away');
    source.members = () =>
      [{ address: 'a:1', breaker: 'open', lagMs: 250, asked: 7, hedged: 2 }] as never;
    expect(await scraped('memory_entries')).toEqual([
      `aggregation_cache_memory_entries{${cache}} 1`,
    ]);
    const { memory } = engine.stats();
    expect(await scraped('memory_usage')).toEqual([
      `aggregation_cache_memory_usage_bytes{${cache}} ${memory.bytes}`,
    ]);
    expect(await scraped('remote_state')).toEqual([
      `aggregation_cache_remote_state{${cache},state="away"} 1`,
    ]);
    expect(await scraped('changes_role')).toEqual([
      `aggregation_cache_changes_role{${cache},role="off"} 1`,
    ]);
    expect(await scraped('member_')).toEqual([
      `aggregation_cache_member_state{${cache},member="a:1",state="open"} 1`,
      `aggregation_cache_member_lag_seconds{${cache},member="a:1"} 0.25`,
      `aggregation_cache_member_asked_total{${cache},member="a:1"} 7`,
      `aggregation_cache_member_hedged_total{${cache},member="a:1"} 2`,
    ]);
  });

  it('begin with a zero where nothing tells one reading from another', async () => {
    const { register } = start();
    expect(await register.metrics()).toContain(
      `aggregation_cache_remote_epochs_total{${cache}} 0\n`,
    );
  });

  it('tell several caches apart by the names they were given', async () => {
    const [one, two] = [
      startProcess({ clock: new ManualClock() }),
      startProcess({ clock: new ManualClock() }),
    ];
    const register = new Registry();
    registerCaches({ shop: observed(one), blog: observed(two) }, { register });
    await one.engine.read(contracts, { id: 1 }, {});
    await two.engine.read(contracts, { id: 1 }, {});
    await two.engine.read(contracts, { id: 1 }, {});
    const reads = (await lines(register)).filter((line) => line.includes('reads_total'));
    const of = (name: string, source: string) =>
      `aggregation_cache_reads_total{cache="${name}",class="contracts",source="${source}",stale="false"} 1`;
    expect(reads).toEqual([of('shop', 'member'), of('blog', 'member'), of('blog', 'memory')]);
  });

  it('can be taken out again, and put in anew', async () => {
    const { process, register, end, before } = start();
    expect(listenersOf(process)).toBeGreaterThan(before);
    expect(() => registerCaches(observed(process), { register })).toThrow(
      /already been registered/,
    );
    const heldBy = listenersOf(process);
    end();
    expect(register.getMetricsAsArray()).toEqual([]);
    expect(listenersOf(process)).toBe(before);
    registerCaches(observed(process), { register });
    // What was refused above has left nothing behind.
    expect(listenersOf(process)).toBe(heldBy);
  });

  it('go to the default register', () => {
    const end = registerCaches(observed(startProcess({ clock: new ManualClock() })));
    expect(defaultRegister.getSingleMetric('aggregation_cache_reads_total')).toBeDefined();
    end();
    expect(defaultRegister.getMetricsAsArray()).toEqual([]);
  });

  it.each<[string, unknown, object, string]>([
    ['nothing', undefined, {}, 'caches'],
    ['no caches', {}, {}, 'caches'],
    ['what is no cache', { shop: { events: {} } }, {}, 'caches.shop'],
    ['an unknown option', undefined, { prefix: 'x' }, 'prefix'],
  ])('refuse %s', (_what, caches, options, option) => {
    expect(() => registerCaches(caches as never, options)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        details: expect.objectContaining({ option }),
      }),
    );
  });
});
