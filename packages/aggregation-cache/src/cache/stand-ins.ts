import type { Clock } from '@nestcms/circuit-breaker';
import type { MemoryEntry } from '../memory/memory-entry.js';
import type { EventSink } from './events.js';
import { type Loaded, loadedFrom } from './loaded.js';
import type { PreparedRead } from './prepare-read.js';

/** What is kept and still stands, but is past its time to live. */
export interface Fallback {
  readonly entry: MemoryEntry;
  readonly staleForMs: number;
}

type StaleReason = 'revalidating' | 'softTimeout' | 'failed';

/** Rows past their time to live, where a class prefers them to waiting or to failing. */
export class StandIns {
  readonly #parts: { readonly events: EventSink; readonly clock: Clock };

  constructor(parts: { readonly events: EventSink; readonly clock: Clock }) {
    this.#parts = parts;
  }

  /** The load, or rows past their time to live where the class prefers them to waiting or to failing. */
  or(
    read: PreparedRead<unknown>,
    fill: Promise<Loaded>,
    { staleForMs, entry }: Fallback,
  ): Promise<Loaded> {
    const { staleWhileRevalidateMs, staleIfErrorMs, softTimeoutMs } = read.pipelineClass;
    const answer = (reason: StaleReason): Loaded => {
      this.#servedStale(read, entry, reason);
      return loadedFrom(entry, 'memory', staleForMs >= 0);
    };
    if (staleForMs < staleWhileRevalidateMs) {
      fill.catch((error: unknown) => this.#refreshFailed(read, error));
      return Promise.resolve(answer('revalidating'));
    }
    if (staleForMs >= staleIfErrorMs) return fill;
    const { clock } = this.#parts;
    // By then it may be void, or too old.
    const stillServes = () => entry.isCurrent() && clock.now() - entry.freshUntil < staleIfErrorMs;
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      const standIn = (reason: StaleReason): boolean => {
        if (!stillServes()) return false;
        isAnswered = true;
        resolve(answer(reason));
        return true;
      };
      const cancel =
        softTimeoutMs === undefined
          ? () => {}
          : clock.setTimer(() => standIn('softTimeout'), softTimeoutMs);
      fill.finally(cancel).then(resolve, (error: unknown) => {
        if (isAnswered) this.#refreshFailed(read, error);
        else if (!standIn('failed')) reject(error);
      });
    });
  }

  #servedStale(read: PreparedRead<unknown>, { loadedAt }: MemoryEntry, reason: StaleReason): void {
    this.#parts.events.emit('servedStale', {
      pipelineClass: read.pipelineClass.name,
      key: read.key,
      reason,
      ageMs: this.#parts.clock.now() - loadedAt,
    });
  }

  #refreshFailed({ pipelineClass, key }: PreparedRead<unknown>, error: unknown): void {
    this.#parts.events.emit('refreshFailed', { pipelineClass: pipelineClass.name, key, error });
  }
}
