import type { FastifyInstance } from 'fastify';

/** What a careless hook does: from here on the stream gives text in place of bytes. */
export function decodeBodies(app: FastifyInstance): void {
  app.addHook('preParsing', (_request, _reply, payload, done) => {
    payload.setEncoding('utf8');
    done(null, payload);
  });
}
