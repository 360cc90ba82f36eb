import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerApi, apiRoute } from './api/route.js';
import { paylib, tokenisePreflight } from './api/tokenise.js';
import { applyFault } from './apply-fault.js';
import type { BoundedLog } from './books/bounded-log.js';
import { type LoggedRequest, withoutCards } from './books/request-log.js';
import { answerControl, controlPath } from './control/answer-control.js';
import { type Faults, isCarriedOut } from './faults.js';
import type { Gateway } from './gateway.js';
import { BodyTooLarge, jsonReply, type Reply, readBody, send } from './http.js';
import { handleBill } from './page/handle-bill.js';
import { handlePage } from './page/handle-page.js';
import type { Simulator } from './simulator.js';

/** What answers on the simulator's ports. */
export interface House {
  readonly gateway: Gateway;
  readonly faults: Faults;
  readonly requests: BoundedLog<LoggedRequest>;
  readonly simulator: () => Simulator;
}

/** One of the simulated hosts. */
export interface Host {
  readonly baseUrl: string;
  readonly region: string | undefined;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers one HTTP request. */
export async function serve(house: House, host: Host, exchange: Exchange): Promise<void> {
  try {
    await answer(house, host, exchange);
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    send(exchange.response, error.reply);
  }
}

async function answer(house: House, host: Host, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const { method = 'GET', url = '/' } = request;
  const [path = '/', query = ''] = url.split('?');
  const route = apiRoute(method, path);
  if (route !== undefined) return serveApi(route, { house, host, path, ...exchange });
  if (path.startsWith(controlPath)) {
    return send(response, await answerControl(request, house.simulator()));
  }
  send(response, await servePages(house, { host, method, path, query, request }));
}

async function servePages(
  { gateway }: House,
  {
    host,
    method,
    path,
    query,
    request,
  }: { host: Host; method: string; path: string; query: string; request: IncomingMessage },
): Promise<Reply> {
  if (method === 'OPTIONS' && path === '/payment/tokenise') return tokenisePreflight;
  if (method !== 'GET' && method !== 'POST') return notFound;
  const pageId = /^\/payment\/wr\/([0-9A-F]+)$/.exec(path)?.[1];
  if (pageId !== undefined) {
    const form =
      method === 'POST'
        ? new URLSearchParams((await readBody(request)).toString('utf8'))
        : undefined;
    return handlePage(pageId, { form, query: new URLSearchParams(query) }, gateway);
  }
  if (method !== 'GET') return notFound;
  if (path === '/payment/js/paylib.js') return paylib(host.baseUrl);
  return handleBill(path, gateway) ?? notFound;
}

const notFound = jsonReply(404, { message: 'Not found' });

async function serveApi(
  route: NonNullable<ReturnType<typeof apiRoute>>,
  { house, host, path, request, response }: Exchange & { house: House; host: Host; path: string },
): Promise<void> {
  const { gateway, faults, requests } = house;
  const bytes = await readBody(request);
  const fault = faults.take(route.name, bytes);
  const carriedOut = fault === undefined || isCarriedOut(fault);
  const reply = carriedOut
    ? answerApi(route, { request, bytes, gateway, host })
    : jsonReply(200, {});
  const { method = 'POST' } = request;
  requests.push({
    at: gateway.clock.wallTime(),
    ...(method === 'POST' ? {} : { method }),
    path,
    body: withoutCards(bytes.toString('utf8')),
    ...(fault === undefined ? {} : { fault: fault.kind }),
    ...(carriedOut ? { status: reply.status } : {}),
  });
  if (fault === undefined) send(response, reply);
  else applyFault(fault, reply, { response, clock: gateway.clock });
}
