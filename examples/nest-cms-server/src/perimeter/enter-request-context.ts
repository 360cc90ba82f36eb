import type { FastifyInstance } from 'fastify';
import { requestContext } from '../platform/request-context.js';

/** Makes the request id known to everything the request causes, and tells it to the caller. */
export function enterRequestContext(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    requestContext.run({ requestId: request.id }, done);
  });
  // Reading a body leaves the context: its last chunk comes from the socket. So it is entered again after that.
  fastify.addHook('preValidation', (request, _reply, done) => {
    requestContext.run({ requestId: request.id }, done);
  });
}
