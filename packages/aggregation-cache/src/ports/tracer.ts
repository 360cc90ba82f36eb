/** What a span says. No value is a parameter, a row or a tenant. */
export type SpanAttributes = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

/**
 * `read`, `stream`, `page`: the whole of it, a stream until its last row; in it `memory`: the look at what this
 * process keeps; `remote`: the look at the remote store; `lease`: the wait for the turn to ask the database;
 * `member`: the question to its members, of a stream until the first rows.
 */
export type SpanName = 'read' | 'stream' | 'page' | 'memory' | 'remote' | 'lease' | 'member';

export interface TracedSpan {
  set(attributes: SpanAttributes): void;
}

/** Sees reads and their parts, each within the one it is a part of. */
export interface Tracer {
  /** Calls `work` at once, and ends the span when it has returned or, if that is a promise, settled. */
  span<T>(name: SpanName, attributes: SpanAttributes, work: (span: TracedSpan) => T): T;
}

interface TracedWork<T> {
  readonly work: () => T;
  /** What the span says from the beginning. */
  readonly attributes?: SpanAttributes;
  /** What it says once the work, which then is a promise, is done. */
  readonly tell?: (result: Awaited<T>) => SpanAttributes;
}

/** Does the work once, seen by `tracer` if there is one. A tracer that fails changes nothing. */
export const traced = <T>(
  tracer: Tracer | undefined,
  name: SpanName,
  { work, attributes = {}, tell }: TracedWork<T>,
): T => {
  if (tracer === undefined) return work();
  let end: (() => T) | undefined;
  const seen = (span: TracedSpan): T => {
    end ??= endOf(() => (tell === undefined ? work() : telling(span, work(), tell)));
    return end();
  };
  try {
    // How the work ends is told to who asked for it, not twice.
    Promise.resolve(tracer.span<unknown>(name, attributes, seen)).catch(() => {});
  } catch {
    // Either the tracer failed, or the work did, which `end` knows.
  }
  return end === undefined ? work() : end();
};

const endOf = <T>(work: () => T): (() => T) => {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
};

const telling = <T>(span: TracedSpan, result: T, tell: (result: Awaited<T>) => SpanAttributes): T =>
  Promise.resolve(result).then((value) => {
    try {
      span.set(tell(value));
    } catch {
      // What is not told costs nobody an answer.
    }
    return value;
  }) as T;
