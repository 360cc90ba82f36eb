import { randomUUID } from 'node:crypto';
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '@nestcms/paytabs-client/testing';
import type { ContractView } from '../../src/features/contracts/contract.schema.js';
import type { OfferView } from '../../src/features/offers/offer.schema.js';
import type { PaymentView, ProcessedPayment } from '../../src/payments/payment.schema.js';
import { Reconciler } from '../../src/payments/reconciler.js';
import { InboxProcessor } from '../../src/payments/webhook/inbox-processor.js';
import { OutboxRelay } from '../../src/platform/outbox/outbox-relay.js';
import type { Answer, Api } from './api.js';
import {
  type RunningServer,
  type ServerHandle,
  type StartOptions,
  startServer,
} from './start-server.js';

/** A gateway that takes local callbacks. Each has references of its own. */
export const startGateway = (options: SimulatorOptions = {}): Promise<Simulator> =>
  startSimulator({
    allowLocalCallback: true,
    seed: Math.floor(Math.random() * 2 ** 31),
    ...options,
  });

export interface House {
  readonly server: RunningServer;
  readonly simulator: Simulator;
  stop(): Promise<void>;
}

/** The server and a gateway that knows it. */
export async function startHouse(
  options: Omit<StartOptions, 'simulator'> & { readonly gateway?: SimulatorOptions } = {},
): Promise<House> {
  const simulator = await startGateway(options.gateway);
  const server = await startServer({ ...options, simulator });
  return {
    server,
    simulator,
    stop: async () => {
      await server.stop();
      await simulator.stop();
    },
  };
}

/** Answers of 2xx only. @throws Error with the answer otherwise */
export async function ok<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { status, body } = await answer;
  if (status < 200 || status > 299) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
}

export interface Deal {
  readonly employee: Api;
  readonly client: Api;
  readonly contract: ContractView;
}

/** A new employee and a new client with an active contract over 1,000.00 AED, made over the API. */
export async function makeDeal(server: ServerHandle, minor = 100_000): Promise<Deal> {
  const [{ api: employee }, { api: client, user }] = await Promise.all([
    server.signIn('employee'),
    server.signIn('client'),
  ]);
  const offer = await ok(
    employee.post<OfferView>('/api/v2/offers/create', {
      title: 'Courtyard garden',
      content: 'Planting plan and irrigation.',
      clientId: user.id,
      price: { minor, currency: 'AED' },
    }),
  );
  await ok(client.post('/api/v2/offers/accept', { offerId: offer.id }));
  const contract = await ok(
    employee.post<ContractView>('/api/v2/contracts/create', { offerId: offer.id }),
  );
  return { employee, client, contract };
}

export const createPayment = (
  { employee, contract }: Pick<Deal, 'employee' | 'contract'>,
  { minor = 25_000, currency = 'AED', key = randomUUID() as string | undefined } = {},
): Promise<Answer<PaymentView>> =>
  employee.post(
    '/api/v2/payments/create',
    { contractId: contract.id, title: 'First part', amount: { minor, currency } },
    key === undefined ? {} : { headers: { 'idempotency-key': key } },
  );

export const processPayment = (
  client: Api,
  id: string,
  key?: string,
): Promise<Answer<ProcessedPayment>> =>
  client.post(
    `/api/v2/payments/process/${id}`,
    undefined,
    key === undefined ? {} : { headers: { 'idempotency-key': key } },
  );

export const readPayment = (api: Api, id: string): Promise<PaymentView> =>
  ok(api.get<PaymentView>(`/api/v2/payments/${id}`));

/** A deal with one invoice whose page is open. */
export async function openPage(
  server: ServerHandle,
): Promise<Deal & { readonly payment: PaymentView; readonly redirectUrl: string }> {
  const deal = await makeDeal(server);
  const { id } = await ok(createPayment(deal));
  const { payment, redirectUrl } = await ok(processPayment(deal.client, id));
  if (redirectUrl === undefined) throw new Error('There is no page to pay on');
  return { ...deal, payment, redirectUrl };
}

/** Lets everything the server does on its own come to rest: notices, events, questions to the gateway. */
export async function settled({ app }: Pick<RunningServer, 'app'>): Promise<void> {
  await app.get(InboxProcessor).drain();
  await app.get(Reconciler).drain();
  await app.get(OutboxRelay).drain();
}
