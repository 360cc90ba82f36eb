import type { IncomingMessage } from 'node:http';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { BodyGate } from '../body-gate.js';
import { readBody } from './read-body.js';
import { type Gates, gatesKey, markIn } from './webhook-mark.js';

/** The part of a Fastify instance that is used; Nest hands it out untyped. */
interface FastifyLike {
  readonly [gatesKey]?: Gates;
  addHook(
    name: 'preParsing',
    hook: (
      request: FastifyRequestLike,
      reply: unknown,
      payload: unknown,
      done: (error: null, payload: unknown) => void,
    ) => void,
  ): unknown;
  addContentTypeParser(
    type: string,
    parser: (request: FastifyRequestLike, stream: IncomingMessage) => Promise<unknown>,
  ): unknown;
}

interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly routeOptions?: { readonly config?: object };
}

/** Raw requests whose content type was set aside, with what it was. */
const setAside = new WeakMap<IncomingMessage, string | undefined>();

const rawType = 'application/vnd.nestcms.raw-webhook';

/**
 * Lets the marked routes of a Nest application on Fastify receive their body as a Buffer, and no
 * other route. Nest puts all routes into one Fastify context, where parsers go by content type
 * alone; so a request to a marked route is given a content type of its own before parsing, and
 * gets its own one back after. The header lines a verifier reads (`rawHeaders`) stay untouched.
 */
export function takeRawBodiesOnFastify(fastify: FastifyLike, mark: object, gate: BodyGate): void {
  const known = fastify[gatesKey];
  if (known !== undefined) {
    known.set(mark, gate);
    return;
  }
  const gates: Gates = new Map([[mark, gate]]);
  Object.defineProperty(fastify, gatesKey, { value: gates });
  const gateFor = (request: FastifyRequestLike) => gates.get(markIn(request.routeOptions?.config));

  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const { headers } = request.raw;
    if (gateFor(request) !== undefined) {
      setAside.set(request.raw, headers['content-type']);
      headers['content-type'] = rawType;
    }
    done(null, payload);
  });
  fastify.addContentTypeParser(rawType, async (request, stream) => {
    const { raw } = request;
    const gateOfRoute = gateFor(request);
    if (gateOfRoute === undefined || !setAside.has(raw)) {
      // Someone sent our private type to an ordinary route.
      throw new UnsupportedMediaTypeException();
    }
    const contentType = setAside.get(raw);
    if (contentType === undefined) delete raw.headers['content-type'];
    else raw.headers['content-type'] = contentType;
    return readBody(gateOfRoute, stream, raw.headers['content-length']);
  });
}
