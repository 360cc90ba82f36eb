import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { traceReads } from '../../src/adapters/opentelemetry/index.js';
import { AggregationCacheError } from '../../src/index.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { contracts } from '../support/classes.js';
import { settle, startProcess } from '../support/process.js';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });

beforeEach(() => {
  exporter.reset();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterEach(() => {
  context.disable();
  trace.disable();
});

const start = () => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  const tracer = traceReads({ tracer: provider.getTracer('test') });
  const process = () => startProcess({ clock, store: remote.connect(), tracer });
  return { clock, remote, process, tracer };
};

/** The finished spans, by the name of the span that each is within. */
const tree = () => {
  const spans = exporter.getFinishedSpans();
  const nameOf = (id: string | undefined) =>
    spans.find((span) => span.spanContext().spanId === id)?.name;
  return spans.map(({ name, parentSpanContext }) => [name, nameOf(parentSpanContext?.spanId)]);
};

const span = (name: string) =>
  exporter.getFinishedSpans().find((one) => one.name === `aggregation_cache.${name}`);

const READ = 'aggregation_cache.read';
const parts = (...names: string[]) => names.map((name) => [`aggregation_cache.${name}`, READ]);

describe('the spans of a read', () => {
  it('are five when a member is asked', async () => {
    const { process } = start();
    await process().engine.read(contracts, { id: 1 }, {});
    expect(tree()).toEqual([...parts('memory', 'remote', 'lease', 'member'), [READ, undefined]]);
    expect(span('read')?.attributes).toEqual({
      'aggregation_cache.class': 'contracts',
      'aggregation_cache.mode': 'bounded',
      'aggregation_cache.cache': 'MISS',
      'aggregation_cache.source': 'member',
      'aggregation_cache.member.address': 'fake:1',
      'aggregation_cache.member.tags': ['replica:replica1'],
      'aggregation_cache.age_ms': 0,
      'aggregation_cache.stale': false,
      'aggregation_cache.joined': false,
    });
    expect(span('remote')?.attributes).toEqual({ 'aggregation_cache.found': false });
    expect(span('lease')?.attributes).toEqual({ 'aggregation_cache.turn': 'mine' });
    expect(span('member')?.attributes).toEqual({
      'aggregation_cache.member.address': 'fake:1',
      'aggregation_cache.member.tags': ['replica:replica1'],
    });
  });

  it('are three when the remote store has it', async () => {
    const { process, clock } = start();
    await process().engine.read(contracts, { id: 1 }, {});
    await settle();
    exporter.reset();
    clock.advance(500);
    await process().engine.read(contracts, { id: 1 }, {});
    expect(tree()).toEqual([...parts('memory', 'remote'), [READ, undefined]]);
    expect(span('remote')?.attributes).toEqual({ 'aggregation_cache.found': true });
    expect(span('read')?.attributes).toMatchObject({
      'aggregation_cache.source': 'remote',
      'aggregation_cache.age_ms': 500,
    });
  });

  it('are two when memory has it', async () => {
    const { process } = start();
    const { engine } = process();
    await engine.read(contracts, { id: 1 }, {});
    exporter.reset();
    await engine.read(contracts, { id: 1 }, {});
    expect(tree()).toEqual([...parts('memory'), [READ, undefined]]);
  });

  it('are within the span of the caller', async () => {
    const { process } = start();
    await provider.getTracer('test').startActiveSpan('request', async (request) => {
      await process().engine.read(contracts, { id: 1 }, {});
      request.end();
    });
    expect(tree()).toContainEqual([READ, 'request']);
  });

  it('belong to whoever began the load, and say so of those who joined', async () => {
    const { process } = start();
    const { engine } = process();
    await Promise.all([1, 2].map(() => engine.read(contracts, { id: 1 }, {})));
    const names = tree().map(([name]) => name);
    expect(names.filter((name) => name === 'aggregation_cache.member')).toHaveLength(1);
    const joined = exporter
      .getFinishedSpans()
      .filter(({ name }) => name === READ)
      .map(({ attributes }) => attributes['aggregation_cache.joined']);
    expect(new Set(joined)).toEqual(new Set([false, true]));
  });

  it('tell of an error no more than its code', async () => {
    const { process } = start();
    const { engine, source } = process();
    const details = { pipelineClass: 'contracts', member: 'fake:1' };
    source.beforeAnswer = async () => {
      throw new AggregationCacheError('QUERY_FAILED', 'secret', details);
    };
    await expect(engine.read(contracts, { id: 1 }, {})).rejects.toThrow('secret');
    for (const name of ['read', 'member']) {
      const told = span(name);
      expect(told?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'QUERY_FAILED' });
      expect(told?.attributes['error.type']).toBe('QUERY_FAILED');
      expect(told?.events).toEqual([]);
    }
    expect(
      JSON.stringify(exporter.getFinishedSpans().map(({ attributes }) => attributes)),
    ).not.toContain('secret');
  });

  it('go to the global tracer of this package by default, also one that is set later', async () => {
    const tracer = traceReads();
    const { engine } = startProcess({ clock: new ManualClock(), tracer });
    trace.setGlobalTracerProvider(provider);
    await engine.read(contracts, { id: 1 }, {});
    expect(span('read')?.instrumentationScope.name).toBe('@nestcms/aggregation-cache');
    expect(() => traceReads({ meter: 1 } as never)).toThrow(/meter/);
  });
});

describe('the span of a stream', () => {
  const STREAM = 'aggregation_cache.stream';
  const within = (...names: string[]) => names.map((name) => [`aggregation_cache.${name}`, STREAM]);

  const drain = async (engine: ReturnType<typeof startProcess>['engine'], atMost = 100) => {
    let count = 0;
    for await (const rows of engine.stream(contracts, { id: 1 }, {})) {
      count += rows.length;
      if (count >= atMost) break;
    }
  };

  it('lasts to its last row, and says where it came from', async () => {
    const { process } = start();
    const { engine, source, named } = process();
    source.rows = [{ value: 1 }, { value: 2 }];
    const rows = engine.stream(contracts, { id: 1 }, {});
    await rows.next();
    expect(tree()).toEqual(
      ['memory', 'remote', 'member'].map((name) => [`aggregation_cache.${name}`, undefined]),
    );
    await rows.next();
    expect(span('stream')).toBeUndefined();
    await rows.next();
    await settle();
    expect(tree()).toEqual([...within('memory', 'remote', 'member'), [STREAM, undefined]]);
    expect(span('stream')?.attributes).toEqual({
      'aggregation_cache.class': 'contracts',
      'aggregation_cache.mode': 'bounded',
      'aggregation_cache.cache': 'MISS',
      'aggregation_cache.source': 'member',
      'aggregation_cache.member.address': 'fake:1',
      'aggregation_cache.member.tags': ['replica:replica1'],
    });
    expect(named('missed')).toEqual([
      { pipelineClass: 'contracts', key: expect.any(String), joined: false },
    ]);
    exporter.reset();
    await drain(engine);
    await settle();
    expect(tree()).toEqual([...within('memory'), [STREAM, undefined]]);
    expect(span('stream')?.attributes).toMatchObject({ 'aggregation_cache.source': 'memory' });
    expect(named('hit')).toHaveLength(1);
    expect(engine.stats().reads).toMatchObject({ memory: 1, member: 1, failed: 0 });
  });

  it('ends where its reader leaves', async () => {
    const { process } = start();
    const { engine, source } = process();
    source.rows = [{ value: 1 }, { value: 2 }];
    await drain(engine, 1);
    await settle();
    expect(span('stream')?.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(engine.stats().reads.failed).toBe(0);
  });

  it('tells of an error no more than its code, before the first rows and after', async () => {
    const { process } = start();
    const { engine, source } = process();
    const details = { pipelineClass: 'contracts', member: 'fake:1' };
    const fail = async () => {
      throw new AggregationCacheError('QUERY_FAILED', 'secret', details);
    };
    source.beforeAnswer = fail;
    await expect(drain(engine)).rejects.toThrow('secret');
    source.beforeAnswer = async () => {};
    const fetchStream = source.fetchStream.bind(source);
    source.fetchStream = async (request) => {
      const batches = (async function* () {
        yield [];
        await fail();
      })();
      return { ...(await fetchStream(request)), batches };
    };
    await expect(drain(engine)).rejects.toThrow('secret');
    await settle();
    const streams = exporter.getFinishedSpans().filter(({ name }) => name === STREAM);
    expect(streams.map(({ status }) => status.message)).toEqual(['QUERY_FAILED', 'QUERY_FAILED']);
    expect(engine.stats().reads.failed).toBe(2);
  });
});

describe('the span of a page', () => {
  it('is around the question to the member', async () => {
    const { process } = start();
    const { engine, named } = process();
    await engine.page(contracts, { id: 1 }, { size: 10 });
    expect(tree()).toEqual([
      ['aggregation_cache.remote', 'aggregation_cache.page'],
      ['aggregation_cache.member', 'aggregation_cache.page'],
      ['aggregation_cache.page', undefined],
    ]);
    expect(span('page')?.attributes).toEqual({
      'aggregation_cache.class': 'contracts',
      'aggregation_cache.member.address': 'fake:1',
      'aggregation_cache.member.tags': ['replica:replica1'],
    });
    expect(named('missed')).toMatchObject([{ pipelineClass: 'contracts', joined: false }]);
    expect(engine.stats().reads).toMatchObject({ member: 1, failed: 0 });
  });

  it('tells of an error no more than its code', async () => {
    const { process } = start();
    const { engine, source } = process();
    const details = { pipelineClass: 'contracts', member: 'fake:1' };
    source.beforeAnswer = async () => {
      throw new AggregationCacheError('QUERY_FAILED', 'secret', details);
    };
    await expect(engine.page(contracts, { id: 1 }, { size: 10 })).rejects.toThrow('secret');
    expect(span('page')?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'QUERY_FAILED' });
    expect(engine.stats().reads.failed).toBe(1);
  });
});
