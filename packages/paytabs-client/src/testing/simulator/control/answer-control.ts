import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { money } from '../../../money/money.js';
import { compareBooks } from '../../compare-books.js';
import type { BankBehaviour } from '../bank/behaviour.js';
import { faultSchema } from '../fault-schema.js';
import { jsonReply, type Reply, readBody } from '../http.js';
import type { Simulator } from '../simulator.js';
import { bankActions, behaviour, followUpKinds, merchantBooks } from './bank-schema.js';

/** Where the control and inspection API lives; the real gateway has nothing there. */
export const controlPath = '/_simulator/';

const mutations = [
  'forged',
  'unsigned',
  'tampered',
  'reserialised',
  'stale',
  'otherProfile',
] as const;

type Handler = (simulator: Simulator, body: unknown, query: URLSearchParams) => unknown;

const handSteps = [
  'approveHold',
  'rejectHold',
  'settle',
  'expire',
  'approveRefund',
  'rejectRefund',
] as const;

/** One thing that people do in the dashboard. */
const dashboardStep = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.enum(handSteps),
    tranRef: z.string(),
  }),
  z.strictObject({
    do: z.enum(followUpKinds),
    tranRef: z.string(),
    minor: z.int().min(1).optional(),
  }),
]);

const isByHand = (step: {
  do: string;
}): step is { do: (typeof handSteps)[number]; tranRef: string } =>
  (handSteps as readonly string[]).includes(step.do);

function takeStep(simulator: Simulator, body: unknown): unknown {
  const { dashboard } = simulator;
  const step = dashboardStep.parse(body);
  if (isByHand(step)) return dashboard[step.do](step.tranRef);
  const { tranRef, minor } = step;
  const [leg] = simulator.legs({ tranRef });
  if (minor === undefined || leg === undefined) return dashboard.act(step.do, tranRef);
  return dashboard.act(step.do, tranRef, money(minor, leg.gateway.total.currency));
}

/** `METHOD name` under the control path. */
const handlers: Readonly<Record<string, Handler>> = {
  'GET ledger': (simulator) => simulator.ledger(),
  'GET issuer-log': (simulator) => simulator.issuerLog(),
  'GET requests': (simulator) => simulator.requests(),
  'GET deliveries': (simulator) => simulator.deliveries(),
  'GET faults': (simulator) => simulator.faults.list(),
  'POST faults': (simulator, body) => {
    simulator.faults.add(faultSchema.parse(body) as Parameters<Simulator['faults']['add']>[0]);
    return simulator.faults.list();
  },
  'DELETE faults': (simulator) => {
    simulator.faults.clear();
    return [];
  },
  'GET mode': (simulator) => ({ mode: simulator.mode }),
  'GET legs': (simulator, _, query) => {
    const [tranRef, cartId] = [query.get('tranRef'), query.get('cartId')];
    return simulator.legs({
      ...(tranRef === null ? {} : { tranRef }),
      ...(cartId === null ? {} : { cartId }),
    });
  },
  'POST bank': (simulator, body) => {
    const { actions, ...how } = z
      .strictObject({ behaviour, actions: z.array(z.enum(bankActions)).optional() })
      .parse(body);
    simulator.bank.next(how.behaviour as BankBehaviour, actions);
    return { behaviour: how.behaviour };
  },
  'DELETE bank': (simulator) => {
    simulator.bank.clear();
    return {};
  },
  'POST hold-next': (simulator, body) => {
    const { times } = z.strictObject({ times: z.int().min(1).optional() }).parse(body);
    simulator.holdNext(times);
    return { times: times ?? 1 };
  },
  'POST dashboard': takeStep,
  'POST refund-balance': (simulator, body) => {
    const { balance } = z.strictObject({ balance: z.enum(['enough', 'exhausted']) }).parse(body);
    simulator.refundBalance = balance;
    return { balance };
  },
  'POST notices/hold': (simulator) => {
    simulator.holdNotices();
    return {};
  },
  'POST notices/release': async (simulator, body) => {
    const { order } = z
      .strictObject({ order: z.enum(['asSent', 'reversed', 'shuffled']).optional() })
      .parse(body);
    return { released: await simulator.releaseNotices(order) };
  },
  'POST compare': (simulator, body) =>
    compareBooks({ bank: simulator.issuerLog(), merchant: merchantBooks.parse(body) }),
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

const localHost = /^(127\.0\.0\.1|localhost)(:\d+)?$/i;

/** Answers the control API. Refuses requests that a foreign web page could have caused. */
export async function answerControl(
  request: IncomingMessage,
  simulator: Simulator,
): Promise<Reply> {
  const { host = '', origin } = request.headers;
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (!localHost.test(host) || origin !== undefined) {
    return jsonReply(403, { message: 'The control API is for local tools only' });
  }
  const handler = handlers[`${request.method} ${pathname.slice(controlPath.length)}`];
  if (handler === undefined) {
    return jsonReply(404, { message: 'Unknown', known: Object.keys(handlers) });
  }
  const text = (await readBody(request)).toString('utf8');
  try {
    const result = await handler(simulator, text === '' ? {} : JSON.parse(text), searchParams);
    return jsonReply(200, plain(result));
  } catch (error) {
    return jsonReply(400, { message: error instanceof Error ? error.message : String(error) });
  }
}
