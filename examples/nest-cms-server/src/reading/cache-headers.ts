import type { ReadResult } from '@nestcms/aggregation-cache';
import type { FastifyReply } from 'fastify';

/**
 * Tells the caller where an answer came from: kept or not, by which tier, and the tag of the member
 * that the rows were read from.
 */
export function setCacheHeaders(
  reply: FastifyReply,
  { cache, source, member }: ReadResult<unknown>,
): void {
  reply.header('x-cache', cache).header('x-cache-source', source);
  if (member) reply.header('x-served-by', member.tags.replica ?? 'primary');
}
