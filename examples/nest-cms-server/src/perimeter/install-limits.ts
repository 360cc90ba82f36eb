import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from '../operations/metrics.js';
import { tooManyRequests } from '../platform/http/problem.js';
import { type LimitClass, limitClassOf, limitRules } from './limit-classes.js';
import type { Limiter, LimitResult } from './limiter.js';
import { networkOf } from './network-of.js';

export interface LimitParts {
  readonly limiter: Limiter;
  readonly metrics: Metrics;
  readonly userIdOf: (request: FastifyRequest) => Promise<string | undefined>;
}

/** Counts requests by the class of their route; one too many is answered 429 before its body is read. */
export function installLimits(fastify: FastifyInstance, parts: LimitParts): void {
  const { limiter, metrics } = parts;
  const classOf = (request: FastifyRequest): LimitClass | undefined =>
    limitClassOf(request.method, request.is404 ? undefined : request.routeOptions.url);

  fastify.addHook('onRequest', async (request, reply) => {
    const name = classOf(request);
    if (name === undefined) return;
    const key = await keyOf(request, name, parts);
    const result =
      limitRules[name].counts === 'all'
        ? await limiter.count(name, key)
        : await limiter.peek(name, key);
    if (limitRules[name].counts === 'all') tellLimit(reply, result);
    if (result.allowed) return;
    metrics.rateLimited.inc({ class: name });
    throw tooManyRequests(result.resetSeconds);
  });

  fastify.addHook('onResponse', async (request, reply) => {
    const name = classOf(request);
    if (name === undefined || limitRules[name].counts !== 'refused') return;
    if (reply.statusCode === 401) await limiter.count(name, await keyOf(request, name, parts));
  });
}

async function keyOf(
  request: FastifyRequest,
  name: LimitClass,
  parts: LimitParts,
): Promise<string> {
  const userId = limitRules[name].by === 'caller' ? await parts.userIdOf(request) : undefined;
  return userId === undefined ? `address:${networkOf(request.ip)}` : `user:${userId}`;
}

function tellLimit(reply: FastifyReply, result: LimitResult): void {
  reply.header('ratelimit-limit', String(result.limit));
  reply.header('ratelimit-remaining', String(result.remaining));
  reply.header('ratelimit-reset', String(result.resetSeconds));
}
