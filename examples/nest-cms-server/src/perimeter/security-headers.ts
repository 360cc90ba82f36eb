import type { FastifyInstance } from 'fastify';
import type { Environment } from '../config/environment.js';

/** The page: nothing inline, nothing from elsewhere, forms to ourselves and on to the gateway's page. */
export function pagePolicy(pageOrigins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    ["form-action 'self'", ...pageOrigins].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The documentation's own page sets styles inline; its scripts are files like ours. */
const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const DOCS = /^\/docs(?:[/?-]|$)/;

export function installSecurityHeaders(fastify: FastifyInstance, environment: Environment): void {
  const policy = pagePolicy(environment.paytabs.pageOrigins);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('content-security-policy', DOCS.test(request.url) ? docsPolicy : policy);
    // Answers differ by caller and moment. The files of the page say something else of themselves.
    reply.header('cache-control', 'no-store');
    done();
  });
}
