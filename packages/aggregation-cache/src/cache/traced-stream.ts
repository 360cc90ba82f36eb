import { type SpanAttributes, type Tracer, traced } from '../ports/tracer.js';

/** Rows that are there or come, and where they are from. */
export interface OpenedStream<Row> {
  readonly batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>;
  readonly attributes: SpanAttributes;
}

/** The batches, seen by `tracer` as one span from the question until the last of them, or until the reader leaves. */
export async function* tracedStream<Row>(
  tracer: Tracer | undefined,
  pipelineClass: string,
  open: () => Promise<OpenedStream<Row>>,
): AsyncGenerator<readonly Row[], void, void> {
  let end = () => {};
  let fail: (error: unknown) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  const opened = await new Promise<OpenedStream<Row>>((resolve, reject) => {
    traced(tracer, 'stream', {
      attributes: { class: pipelineClass },
      work: async () => {
        const stream = await open();
        resolve(stream);
        await ended;
        return stream.attributes;
      },
      tell: (attributes) => attributes,
    }).catch(reject);
  });
  try {
    yield* opened.batches;
  } catch (error) {
    fail(error);
    throw error;
  } finally {
    end();
  }
}
