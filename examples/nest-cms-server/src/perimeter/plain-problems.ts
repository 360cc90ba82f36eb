import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '../platform/http/problem-of.js';

const HEADERS = {
  'content-type': 'application/problem+json; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** What Node's parser of HTTP finds wrong, by its codes; anything else is a 400. */
const STATUS_OF: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers of the usual form to what is refused before there is a request that the steps of the perimeter could pass. */
export const plainProblems = {
  /** A path that cannot be decoded. */
  frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemOf(error);
    reply.raw.writeHead(problem.status, { ...HEADERS, 'x-request-id': request.id });
    reply.raw.end(JSON.stringify(problem.toBody(request.id)));
  },

  /** Bytes that are no request. */
  clientErrorHandler: (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy(error); // nobody is there any more
      return;
    }
    const problem = problemOf({ statusCode: STATUS_OF[error.code ?? ''] ?? 400 });
    const requestId = randomUUID();
    const body = JSON.stringify(problem.toBody(requestId));
    const headers = {
      ...HEADERS,
      'x-request-id': requestId,
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    };
    const head = [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    socket.destroySoon();
  },
};
