import type { Socket } from 'node:net';

/** Beyond this the sender is paused, as by a full TCP window. */
const MOST_HELD_BYTES = 262_144;

/** What is wrong with the line at the moment; shared by all its streams and changed in place. */
export interface LineConditions {
  frozen: boolean;
  latencyMs: number;
  jitterMs: number;
  /** Undefined: as fast as it goes. */
  bytesPerSecond: number | undefined;
}

export interface FaultyStreamOptions {
  readonly source: Socket;
  readonly sink: Socket;
  readonly conditions: LineConditions;
  /** Whether latency applies in this direction. */
  readonly delayed: boolean;
  readonly random: () => number;
}

interface Held {
  /** Null is the end of the stream. */
  readonly bytes: Buffer | null;
  readonly dueAt: number;
}

/** One direction of a connection: takes bytes from the source and passes them on when they are due. */
export class FaultyStream {
  readonly #options: FaultyStreamOptions;
  #queue: Held[] = [];
  #heldBytes = 0;
  #lastDueAt = 0;
  #blocked = false;
  #nextSendAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FaultyStreamOptions) {
    this.#options = options;
    const { source, sink } = options;
    source.on('data', (bytes: Buffer) => {
      this.#heldBytes += bytes.length;
      if (this.#heldBytes > MOST_HELD_BYTES) source.pause();
      this.#hold(bytes);
    });
    source.on('end', () => this.#hold(null));
    sink.on('drain', () => {
      this.#blocked = false;
      this.pump();
    });
    sink.on('close', () => clearTimeout(this.#timer));
  }

  #hold(bytes: Buffer | null): void {
    const { conditions, delayed, random } = this.#options;
    const { latencyMs, jitterMs } = conditions;
    const delayMs = delayed ? Math.max(0, latencyMs + (random() * 2 - 1) * jitterMs) : 0;
    // Bytes never overtake each other.
    this.#lastDueAt = Math.max(this.#lastDueAt, performance.now() + delayMs);
    this.#queue.push({ bytes, dueAt: this.#lastDueAt });
    this.pump();
  }

  /** The line is in order again: what was held goes out at once. */
  flush(): void {
    this.#queue = this.#queue.map(({ bytes }) => ({ bytes, dueAt: 0 }));
    this.#lastDueAt = 0;
    this.#nextSendAt = 0;
    this.pump();
  }

  /** Passes on what is due; to be called when the conditions have changed. */
  pump(): void {
    clearTimeout(this.#timer);
    const { source, sink, conditions } = this.#options;
    while (!conditions.frozen && !this.#blocked && !sink.destroyed) {
      const [next] = this.#queue;
      if (!next) break;
      const now = performance.now();
      const waitMs = Math.max(next.dueAt, this.#nextSendAt) - now;
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        break;
      }
      this.#queue.shift();
      if (next.bytes) this.#send(next.bytes, now);
      else sink.end();
    }
    if (this.#heldBytes < MOST_HELD_BYTES / 2 && source.isPaused()) source.resume();
  }

  #send(bytes: Buffer, now: number): void {
    const { sink, conditions } = this.#options;
    let part = bytes;
    if (conditions.bytesPerSecond !== undefined) {
      // A twentieth of a second's worth at a time, so that a stream trickles rather than jumps.
      const size = Math.max(1, Math.round(conditions.bytesPerSecond / 20));
      part = bytes.subarray(0, size);
      if (part.length < bytes.length) {
        this.#queue.unshift({ bytes: bytes.subarray(part.length), dueAt: 0 });
      }
      this.#nextSendAt = now + (part.length / conditions.bytesPerSecond) * 1_000;
    }
    this.#heldBytes -= part.length;
    this.#blocked = !sink.write(part);
  }
}
