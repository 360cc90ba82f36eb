import type { IncomingMessage } from 'node:http';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import {
  invalid,
  optionalFunction,
  refuseUnknown,
  requireFunction,
  requireVerifier,
} from '../../validation.js';
import type {
  AcceptedVerdict,
  ChallengedVerdict,
  RefusedVerdict,
  WebhookAnswer,
} from '../../verdict.js';
import type { WebhookVerifier } from '../../verifier/create-webhook-verifier.js';
import { alreadyParsedBy } from '../already-parsed.js';
import { BodyGate, type BodyLimitOptions, bodyLimitNames, limitsOf } from '../body-gate.js';
import { answerHeaders, refusalAnswer, runHandler, type SentAnswer } from '../deliver.js';
import { methodsOf, requestParts } from '../request-parts.js';
import { unreadReason } from '../unread-body.js';

export interface WebhookContext<Payload> {
  readonly verdict: AcceptedVerdict<Payload>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface RefusedContext {
  readonly verdict: RefusedVerdict;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface ChallengedContext {
  readonly verdict: ChallengedVerdict;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface WebhookRouteOptions<Payload> extends BodyLimitOptions {
  readonly url: string;
  readonly verifier: WebhookVerifier<Payload>;
  /**
   * Runs for accepted deliveries alone. What it returns is sent; without a value `{ received: true }`.
   * When it throws, or sets a status from 400 up, the claim is released and the sender may retry.
   */
  readonly handler: (context: WebhookContext<Payload>) => unknown;
  /** Answers a refusal in place of the status and `{ reason }`, e.g. to redirect a browser. */
  readonly onRefused?: (context: RefusedContext) => unknown;
  /**
   * Runs for a handshake before it is answered, e.g. to open what SNS wants opened. When it throws, the
   * request fails as when the handler does.
   */
  readonly onChallenged?: (context: ChallengedContext) => unknown;
}

/**
 * A Fastify plug-in with one webhook route: `app.register(webhookRoute({ url, verifier, handler }))`.
 * It takes the raw bytes on this route alone; parsers of the application are neither used nor
 * changed. `request.body` is the Buffer as received.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function webhookRoute<Payload>(options: WebhookRouteOptions<Payload>): FastifyPluginAsync {
  refuseUnknown('', options, [
    'url',
    'verifier',
    'handler',
    'onRefused',
    'onChallenged',
    ...bodyLimitNames,
  ]);
  const { url, verifier, handler } = options;
  const onRefused = optionalFunction('onRefused', options.onRefused);
  const onChallenged = optionalFunction('onChallenged', options.onChallenged);
  if (typeof url !== 'string') throw invalid('url', url, 'a text');
  requireVerifier(verifier);
  requireFunction('handler', handler);

  const gate = new BodyGate(verifier.maxBytes, limitsOf(options));

  const answerRefusal = async (context: RefusedContext) => {
    const { verdict, reply } = context;
    // Else the server would go on reading, and dropping, what the sender still sends.
    if (unreadReason(context.request.body)) reply.header('connection', 'close');
    reply.code(verdict.status);
    const answer = await onRefused?.(context);
    if (reply.sent) return reply;
    return answer === undefined ? sendAnswer(reply, refusalAnswer(verdict)) : reply.send(answer);
  };

  const handle = async (context: WebhookContext<Payload>) => {
    const { verdict, reply } = context;
    const { kept } = await runHandler(verdict, async (): Promise<SentAnswer> => {
      const answer = (await handler(context)) ?? { received: true };
      const status = reply.statusCode;
      if (!reply.sent && !isPlain(answer)) reply.send(answer);
      if (reply.sent) return { status, kept: undefined };
      // Written by the application's own serialiser, as any answer of a route.
      return {
        status,
        kept: { status, contentType: JSON_TYPE, body: reply.serialize(answer) as string },
      };
    });
    return kept === undefined ? reply : sendAnswer(reply, kept);
  };

  return async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (request: FastifyRequest, stream: IncomingMessage) =>
      gate.collect(stream, request.headers['content-length']),
    );
    // A content type that Fastify cannot even read does not reach a parser.
    scope.setErrorHandler((error: { code?: unknown }, request, reply) => {
      if (error.code !== 'FST_ERR_CTP_INVALID_MEDIA_TYPE') throw error;
      return answerRefusal({ verdict: verifier.refuse('content-type'), request, reply });
    });
    scope.route({
      method: methodsOf(verifier.scheme),
      url,
      handler: async (request, reply) => {
        const unread = unreadReason(request.body);
        if (unread === 'body-not-raw') {
          verifier.refuse(unread);
          reply.header('connection', 'close');
          const { body } = request;
          throw alreadyParsedBy(request.raw, { body, reader: 'a hook', remedy: REMEDY });
        }
        if (unread) return answerRefusal({ verdict: verifier.refuse(unread), request, reply });
        // Without a body Fastify calls no parser.
        const body = (request.body ?? Buffer.alloc(0)) as Uint8Array;
        const verdict = await verifier.verify({ ...requestParts(request.raw), body });
        if (verdict.verdict === 'accepted') return handle({ verdict, request, reply });
        if (verdict.verdict === 'refused') return answerRefusal({ verdict, request, reply });
        await onChallenged?.({ verdict, request, reply });
        return sendAnswer(reply, verdict.reply);
      },
    });
  };
}

const REMEDY =
  'Let the preParsing hook pass the webhook by: if (request.routeOptions.url === url) return payload';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Whether it is data; a text, bytes or a stream is sent as it is. */
function isPlain(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return typeof answer !== 'string';
  const kind: unknown = Object.getPrototypeOf(answer);
  return Array.isArray(answer) || kind === Object.prototype || kind === null;
}

function sendAnswer(reply: FastifyReply, answer: WebhookAnswer): FastifyReply {
  return reply.code(answer.status).headers(answerHeaders(answer)).send(answer.body);
}
