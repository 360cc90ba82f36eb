import {
  type Attributes,
  type Tracer as OpenTelemetryTracer,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { isAggregationCacheError } from '../../errors.js';
import type { SpanAttributes, SpanName, TracedSpan, Tracer } from '../../ports/tracer.js';
import { refuseUnknown } from '../../validation.js';

export interface TraceReadsOptions {
  /** Default: the global tracer named `@nestcms/aggregation-cache`. */
  readonly tracer?: OpenTelemetryTracer | undefined;
}

/** Other systems are asked in these. */
const OUTSIDE: readonly SpanName[] = ['remote', 'lease', 'member'];

/**
 * For the option `tracer` of a cache: a span for each read, stream and page, named `aggregation_cache.read`,
 * `.stream`, `.page`, and in it one for each part: `.memory`, `.remote`, `.lease`, `.member`. Attributes are named
 * alike.
 * @throws INVALID_OPTION
 */
export const traceReads = (options: TraceReadsOptions = {}): Tracer => {
  refuseUnknown('', options, ['tracer']);
  // The global one is asked for at each read, since it may be set after this.
  const tracer = () => options.tracer ?? trace.getTracer('@nestcms/aggregation-cache');
  return {
    span: (name, attributes, work) =>
      tracer().startActiveSpan(
        `aggregation_cache.${name}`,
        {
          kind: OUTSIDE.includes(name) ? SpanKind.CLIENT : SpanKind.INTERNAL,
          attributes: named(attributes),
        },
        (span) => within(span, work),
      ),
  };
};

const named = (attributes: SpanAttributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      `aggregation_cache.${inSnakeCase(name)}`,
      // The interface takes no list that is read-only.
      Array.isArray(value) ? [...value] : (value as string | number | boolean | undefined),
    ]),
  );

/** `ageMs` becomes `age_ms`. */
const inSnakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const within = <T>(span: Span, work: (span: TracedSpan) => T): T => {
  const failed = (error: unknown) => {
    // What an error says beside its code may hold what nobody outside should read.
    const type = isAggregationCacheError(error) ? error.code : 'other';
    span.setAttribute('error.type', type);
    span.setStatus({ code: SpanStatusCode.ERROR, message: type });
    span.end();
  };
  try {
    const result = work({ set: (attributes) => span.setAttributes(named(attributes)) });
    if (result instanceof Promise) {
      result.then(() => span.end(), failed);
    } else {
      span.end();
    }
    return result;
  } catch (error) {
    failed(error);
    throw error;
  }
};
