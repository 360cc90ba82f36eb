import type { ServedBy } from '../ports/source.js';
import type { SpanAttributes } from '../ports/tracer.js';
import type { PreparedRead } from './prepare-read.js';
import type { ReadResult } from './read-result.js';

/** What the span of a read says of its answer. */
export const attributesOf = (result: ReadResult<unknown>): SpanAttributes => {
  const { source, cache, member, ageMs } = result;
  const { stale, joined, mode } = result.explain();
  return { mode, cache, source, ...memberAttributes(member), ageMs, stale, joined };
};

/** What the span of a stream says of rows that come from a member. */
export const attributesOfStream = (
  { pipelineClass: { mode } }: PreparedRead<unknown>,
  member: ServedBy,
): SpanAttributes => ({ mode, cache: 'MISS', source: 'member', ...memberAttributes(member) });

/** Tags as `name:value`, for attributes are no objects. */
export const memberAttributes = (member: ServedBy | undefined): SpanAttributes =>
  member === undefined
    ? {}
    : {
        'member.address': member.address,
        'member.tags': Object.entries(member.tags).map(([name, value]) => `${name}:${value}`),
      };
