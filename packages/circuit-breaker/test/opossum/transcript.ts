import type { EventEmitter } from 'node:events';
import { vi } from 'vitest';
import type { CircuitBreaker } from '../../src/adapters/opossum/index.js';

const EVENTS = [
  'fire',
  'reject',
  'timeout',
  'success',
  'failure',
  'open',
  'close',
  'halfOpen',
  'fallback',
  'semaphoreLocked',
  'healthCheckFailed',
  'shutdown',
  'cacheHit',
  'cacheMiss',
  'coalesceCacheHit',
  'coalesceCacheMiss',
] as const;

export type CircuitBreakerClass = typeof CircuitBreaker;
type State = Pick<
  CircuitBreaker,
  'closed' | 'opened' | 'halfOpen' | 'pendingClose' | 'enabled' | 'warmUp' | 'isShutdown'
>;

/** What happened to circuits, line by line, so that two libraries can be compared. */
export class Transcript {
  readonly lines: string[] = [];
  readonly #circuits: { shutdown(): void }[] = [];

  /** Writes down each event of a circuit. */
  follow<TI extends unknown[], TR>(circuit: CircuitBreaker<TI, TR>): CircuitBreaker<TI, TR> {
    this.#circuits.push(circuit);
    const emitter: EventEmitter = circuit;
    for (const event of EVENTS) emitter.on(event, (...args) => this.note(event, ...args));
    return circuit;
  }

  note(...words: unknown[]): void {
    this.lines.push(words.map(asText).join(' '));
  }

  /** Writes down how a call ends. */
  async noteEnd(call: Promise<unknown>): Promise<void> {
    await call.then(
      (value) => this.note('resolved', value),
      (error: unknown) => this.note('rejected', error),
    );
  }

  noteState(circuit: State): void {
    const { closed, opened, halfOpen, pendingClose, enabled, warmUp, isShutdown } = circuit;
    this.note('state', { closed, opened, halfOpen, pendingClose, enabled, warmUp, isShutdown });
  }

  /** Without latencies: whether timeouts have one or two is the one thing they differ in. */
  noteStats(circuit: Pick<CircuitBreaker, 'stats'>): void {
    const { percentiles: _, latencyTimes: __, latencyMean: ___, ...counts } = circuit.stats;
    this.note('stats', counts);
  }

  shutDownAll(): void {
    for (const circuit of this.#circuits) circuit.shutdown();
  }
}

const asText = (value: unknown): string => {
  if (value instanceof Error) {
    const { code } = value as { readonly code?: string };
    return `[${code === undefined ? '' : `${code}: `}${value.message}]`;
  }
  if (value instanceof Promise) return '[a promise]';
  if (Array.isArray(value)) return `(${value.map(asText).join(', ')})`;
  return typeof value === 'object' ? JSON.stringify(value) : `${value as string | number}`;
};

export interface Scene {
  readonly CircuitBreaker: CircuitBreakerClass;
  readonly transcript: Transcript;
  /** Lets time pass. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What is played with each library, by what it is about. */
export type Scenes = Readonly<Record<string, (scene: Scene) => Promise<void>>>;

/** What is written down when `play` uses this library. Time stands still but for `pass`. */
export const transcriptOf = async (
  CircuitBreaker: CircuitBreakerClass,
  play: (scene: Scene) => Promise<void>,
): Promise<string[]> => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  const transcript = new Transcript();
  try {
    const pass = async (ms: number) => void (await vi.advanceTimersByTimeAsync(ms));
    await play({ CircuitBreaker, transcript, pass });
  } finally {
    transcript.shutDownAll();
    vi.useRealTimers();
  }
  return transcript.lines;
};

/** An action that takes `ms` and then fails where it is told so. */
export const act = (what: 'ok' | 'fail', ms = 10): Promise<string> =>
  new Promise((resolve, reject) => {
    setTimeout(() => {
      if (what === 'ok') resolve(`ok after ${ms}`);
      else reject(new Error(`failed after ${ms}`));
    }, ms);
  });
