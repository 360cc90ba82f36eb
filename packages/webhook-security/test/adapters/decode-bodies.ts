import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** What a careless hook does: from here on the stream gives text in place of bytes. */
export function decodeBodies(app: FastifyInstance): void {
  app.addHook('preParsing', (_request, _reply, payload, done) => {
    decodeStream(payload as Readable);
    done(null, payload);
  });
}

export function decodeStream(stream: Readable): void {
  stream.setEncoding('utf8');
}
