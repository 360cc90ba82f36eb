import type { FastifyReply } from 'fastify';

interface ServedRead {
  readonly cache: 'HIT' | 'MISS';
  readonly source: string;
  readonly member?: { readonly address: string; readonly tags: Readonly<Record<string, string>> };
}

/** Tells the caller where an answer came from: the cache or, by its tag, a member of the set. */
export function setCacheHeaders(reply: FastifyReply, { cache, source, member }: ServedRead): void {
  reply.header('x-cache', cache).header('x-cache-source', source);
  if (member) reply.header('x-served-by', member.tags.replica ?? 'primary');
}
