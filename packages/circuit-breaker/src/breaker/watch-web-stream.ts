import type { Permit } from './permit.js';

/** As much of a `ReadableStream` as tells it from other things. */
export interface WebStreamLike {
  readonly locked: boolean;
  cancel(reason?: unknown): Promise<void>;
  getReader(): unknown;
}

export const isWebStream = (value: unknown): value is WebStreamLike => {
  const { locked, cancel, getReader } = Object(value) as Partial<WebStreamLike>;
  return locked === false && typeof cancel === 'function' && typeof getReader === 'function';
};

/** What a stream's end is told to. */
export interface StreamCall extends Pick<Permit, 'report'> {
  ignore(reason?: unknown): void;
  /** Where a caller may end it. */
  whenAborted?(end: (error: unknown) => unknown): void;
}

// Of whatever kind; the type is that of bytes, which both controllers take.
type Chunk = NonNullable<Parameters<ReadableByteStreamController['enqueue']>[0]>;

/** A stream of the same kind with the same chunks, read no faster; gives the permit back when it has ended. */
export const watchWebStream = (stream: WebStreamLike, call: StreamCall): WebStreamLike => {
  const source = stream as ReadableStream<Chunk>;
  const isOfBytes = givesBytes(source);
  const forwarding = forward(source.getReader(), call);
  return isOfBytes
    ? new ReadableStream({ ...forwarding, type: 'bytes' }, NOTHING_AHEAD)
    : new ReadableStream(forwarding, NOTHING_AHEAD);
};

const NOTHING_AHEAD = { highWaterMark: 0 };

/** As much of the two kinds of controllers as both have. */
interface Controller {
  readonly byobRequest?: { respond(bytes: number): void } | null | undefined;
  enqueue(chunk: Chunk): void;
  close(): void;
  error(reason: unknown): void;
}

const forward = (reader: ReadableStreamDefaultReader<Chunk>, call: StreamCall) => {
  let isReading = false;
  let hasEnded = false;
  let isAborted = false;
  const end = (controller: Controller) => {
    call.report({ status: 'fulfilled', value: undefined });
    close(controller);
  };
  return {
    start(controller: Controller): void {
      call.whenAborted?.((error) => {
        isAborted = true;
        controller.error(error);
        return reader.cancel(error);
      });
      // Hears of an end or an error also while nobody reads.
      reader.closed.then(
        () => {
          hasEnded = true;
          if (!isReading) end(controller);
        },
        (error: unknown) => {
          call.report({ status: 'rejected', error });
          controller.error(error);
        },
      );
    },
    async pull(controller: Controller): Promise<void> {
      isReading = true;
      const { done, value } = await reader.read();
      isReading = false;
      if (!done && !isAborted) controller.enqueue(value);
      // The source is closed already when it gives its last chunk.
      if (hasEnded) end(controller);
    },
    cancel(reason: unknown): Promise<void> {
      call.ignore(reason);
      return reader.cancel(reason);
    },
  };
};

const close = (controller: Controller): void => {
  try {
    controller.close();
    // Who waits with a buffer of his own is only answered by this.
    controller.byobRequest?.respond(0);
  } catch {
    // It was cancelled, or ended within an element of that buffer, of which its reader has been told.
  }
};

const givesBytes = (stream: ReadableStream): boolean => {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
};
