import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerApi, apiRoute } from './api/route.js';
import { applyFault } from './apply-fault.js';
import { answerControl, controlPath } from './control.js';
import { Faults, isCarriedOut } from './faults.js';
import { Gateway } from './gateway.js';
import { jsonReply, readBody, send } from './http.js';
import type { SimulatorMode } from './issuer.js';
import { Listener } from './listener.js';
import { resolveSimulatorOptions, type SimulatorOptions } from './options.js';
import { handlePage } from './page/handle-page.js';
import { redeliver } from './redeliver.js';
import type { LoggedRequest } from './request-log.js';
import { visitHostedPage } from './shopper.js';
import type { Simulator } from './simulator.js';

/**
 * Starts a local PayTabs gateway on 127.0.0.1. Never reachable from elsewhere, and no money moves.
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const resolved = resolveSimulatorOptions(options);
  const gateway = new Gateway(resolved);
  const faults = new Faults();
  const requests: LoggedRequest[] = [];

  const handleApi = async (
    path: string,
    { request, response }: { request: IncomingMessage; response: ServerResponse },
  ) => {
    const route = apiRoute(path);
    if (route === undefined) return send(response, jsonReply(404, { message: 'Not found' }));
    const bytes = await readBody(request);
    const fault = faults.take(route);
    const carriedOut = fault === undefined || isCarriedOut(fault);
    const reply = carriedOut
      ? answerApi(route, { request, bytes, gateway, baseUrl: simulator.baseUrl })
      : jsonReply(200, {});
    requests.push({
      at: gateway.clock.wallTime(),
      path,
      body: bytes.toString('utf8'),
      ...(fault === undefined ? {} : { fault: fault.kind }),
      ...(carriedOut ? { status: reply.status } : {}),
    });
    if (fault === undefined) send(response, reply);
    else applyFault(fault, reply, { response, clock: gateway.clock });
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
    const pageId = /^\/payment\/wr\/([0-9A-F]+)$/.exec(path)?.[1];
    if (pageId !== undefined) {
      const form =
        request.method === 'POST'
          ? new URLSearchParams((await readBody(request)).toString('utf8'))
          : undefined;
      return send(response, handlePage(pageId, form, gateway));
    }
    if (path.startsWith(controlPath)) {
      return send(response, await answerControl(request, simulator));
    }
    if (request.method !== 'POST') {
      return send(response, jsonReply(404, { message: 'Not found' }));
    }
    return handleApi(path, { request, response });
  };

  const listener = new Listener((request, response) => {
    handle(request, response).catch(() => response.destroy());
  }, resolved.port);
  await listener.open();

  const [profile] = resolved.profiles;
  const simulator: Simulator = {
    baseUrl: `http://127.0.0.1:${listener.port}`,
    port: listener.port,
    profile,
    profileId: profile.profileId,
    serverKey: profile.serverKey,
    get mode(): SimulatorMode {
      return gateway.issuer.mode;
    },
    set mode(mode) {
      gateway.issuer.mode = mode;
    },
    faults,
    ledger: () => gateway.ledger.list(),
    issuerLog: () => gateway.issuer.log(),
    requests: () => [...requests],
    deliveries: () => gateway.courier.log(),
    declineNext: (decision = { code: '316', message: 'Insufficient funds' }) =>
      gateway.issuer.declineNext(decision),
    pay: visitHostedPage,
    deliver: (tranRef, how = {}) => redeliver(gateway, tranRef, how),
    idle: () => gateway.courier.idle(),
    advance: (ms) => gateway.clock.advance(ms),
    refuseConnections: () => listener.close(),
    acceptConnections: () => listener.open(),
    stop: async () => {
      await listener.close();
      await gateway.stop();
    },
  };
  return simulator;
}
