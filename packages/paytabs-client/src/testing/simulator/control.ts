import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { jsonReply, type Reply, readBody } from './http.js';
import type { Simulator } from './simulator.js';

/** Where the control and inspection API lives; the real gateway has nothing there. */
export const controlPath = '/_simulator/';

const when = z.enum(['before', 'after']).optional();
const arming = {
  route: z
    .enum([
      'request',
      'query',
      'token',
      'tokenise',
      'invoice',
      'link',
      'agreement',
      'sadad',
      'valu',
    ])
    .optional(),
  times: z.union([z.int().min(1), z.literal('always')]).optional(),
};
const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['hang', 'reset', 'resetMidReply']), when, ...arming }),
  z.strictObject({
    kind: z.literal('html'),
    status: z.int().min(400).max(599).optional(),
    when,
    ...arming,
  }),
  z.strictObject({ kind: z.enum(['invalidJson', 'truncatedJson']), when, ...arming }),
  z.strictObject({
    kind: z.literal('tooMany'),
    retryAfterSeconds: z.int().min(0).optional(),
    ...arming,
  }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.number().min(0), ...arming }),
  z.strictObject({
    kind: z.literal('drip'),
    everyMs: z.number().min(0).optional(),
    pieces: z.int().min(1).max(10_000).optional(),
    ...arming,
  }),
  z.strictObject({
    kind: z.literal('reply'),
    status: z.int().min(200).max(599).optional(),
    body: z.unknown(),
    when,
    ...arming,
  }),
]);

const mutations = [
  'forged',
  'unsigned',
  'tampered',
  'reserialised',
  'stale',
  'otherProfile',
] as const;

type Handler = (simulator: Simulator, body: unknown) => unknown;

/** `METHOD name` under the control path. */
const handlers: Readonly<Record<string, Handler>> = {
  'GET ledger': (simulator) => simulator.ledger(),
  'GET issuer-log': (simulator) => simulator.issuerLog(),
  'GET requests': (simulator) => simulator.requests(),
  'GET deliveries': (simulator) => simulator.deliveries(),
  'GET faults': (simulator) => simulator.faults.list(),
  'POST faults': (simulator, body) => {
    simulator.faults.add(fault.parse(body) as Parameters<Simulator['faults']['add']>[0]);
    return simulator.faults.list();
  },
  'DELETE faults': (simulator) => {
    simulator.faults.clear();
    return [];
  },
  'GET mode': (simulator) => ({ mode: simulator.mode }),
  'POST mode': (simulator, body) => {
    const { mode } = z.strictObject({ mode: z.enum(['person', 'approve', 'decline']) }).parse(body);
    simulator.mode = mode;
    return { mode };
  },
  'POST clock': (simulator, body) => {
    const { advanceMs } = z.strictObject({ advanceMs: z.number().min(0) }).parse(body);
    simulator.advance(advanceMs);
    return { advanceMs };
  },
  'POST deliver': (simulator, body) => {
    const { tranRef, ...how } = z
      .strictObject({
        tranRef: z.string(),
        times: z.int().min(1).max(10_000).optional(),
        parallel: z.int().min(1).max(1000).optional(),
        mutate: z.enum(mutations).optional(),
      })
      .parse(body);
    return simulator.deliver(tranRef, how as Parameters<Simulator['deliver']>[1]);
  },
};

/** BigInts as numbers: amounts here are far below 2^53. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null, (_, each) => (typeof each === 'bigint' ? Number(each) : each)),
  );

/** Answers the control API. Refuses requests that a foreign web page could have caused. */
export async function answerControl(
  request: IncomingMessage,
  simulator: Simulator,
): Promise<Reply> {
  const { hostname, pathname } = new URL(request.url ?? '/', `http://${request.headers.host}`);
  if (!['127.0.0.1', 'localhost'].includes(hostname) || request.headers.origin !== undefined) {
    return jsonReply(403, { message: 'The control API is for local tools only' });
  }
  const handler = handlers[`${request.method} ${pathname.slice(controlPath.length)}`];
  if (handler === undefined) {
    return jsonReply(404, { message: 'Unknown', known: Object.keys(handlers) });
  }
  try {
    const text = (await readBody(request)).toString('utf8');
    const result = await handler(simulator, text === '' ? {} : JSON.parse(text));
    return jsonReply(200, plain(result));
  } catch (error) {
    return jsonReply(400, { message: error instanceof Error ? error.message : String(error) });
  }
}
