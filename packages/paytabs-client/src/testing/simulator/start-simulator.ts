import { BoundedLog } from './books/bounded-log.js';
import type { LoggedRequest } from './books/request-log.js';
import { makeDashboard } from './dashboard.js';
import { Faults } from './faults.js';
import { Gateway } from './gateway.js';
import { findLegs } from './legs.js';
import { Listener } from './listener.js';
import { resolveSimulatorOptions, type SimulatorOptions } from './options.js';
import { redeliver } from './redeliver.js';
import { type House, serve } from './serve.js';
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
  const requests = new BoundedLog<LoggedRequest>(resolved.logLimit);
  const house: House = { gateway, faults, requests, simulator: () => simulator };

  const [profile] = resolved.profiles;
  const hosts = await openHosts(house);
  const [first] = hosts;
  const baseUrl = urlOf(first.listener);
  const close = async () => {
    await Promise.all(hosts.map(({ listener }) => listener.close()));
  };

  const { issuer, notifier, clock, risk, settings } = gateway;
  const simulator: Simulator = {
    baseUrl,
    port: first.listener.port,
    profile,
    profileId: profile.profileId,
    serverKey: profile.serverKey,
    get mode() {
      return issuer.mode;
    },
    set mode(mode) {
      issuer.mode = mode;
    },
    get refundBalance() {
      return settings.refundBalance;
    },
    set refundBalance(balance) {
      settings.refundBalance = balance;
    },
    faults,
    bank: {
      next: (behaviour, actions) => issuer.arrangements.next(behaviour, actions),
      setRule: (rule) => {
        issuer.arrangements.rule = rule;
      },
      clear: () => issuer.arrangements.clear(),
      log: () => issuer.log(),
    },
    dashboard: makeDashboard(gateway),
    baseUrlOf: (profileId) => {
      const { region } = gateway.profileOf({ profileId });
      return urlOf((hosts.find((host) => host.region === region) ?? first).listener);
    },
    ledger: () => gateway.ledger.list(),
    issuerLog: () => issuer.log(),
    legs: (of) => findLegs(of, gateway),
    requests: () => requests.list(),
    deliveries: () => notifier.courier.log(),
    declineNext: (decision = { code: '316', message: 'Insufficient funds' }) =>
      issuer.arrangements.next({ kind: 'decline', ...decision }, ['charge', 'hold']),
    holdNext: (times) => risk.holdNext(times),
    pay: visitHostedPage,
    deliver: (tranRef, how = {}) => redeliver(gateway, tranRef, how),
    holdNotices: () => notifier.hold(),
    releaseNotices: (order) => notifier.release(order),
    idle: () => notifier.courier.idle(),
    advance: (ms) => clock.advance(ms),
    refuseConnections: close,
    acceptConnections: async () => {
      await Promise.all(hosts.map(({ listener }) => listener.open()));
    },
    stop: async () => {
      await close();
      await gateway.stop();
    },
  };
  return simulator;
}

interface OpenHost {
  readonly region: string | undefined;
  readonly listener: Listener;
}

const urlOf = ({ port }: Listener) => `http://127.0.0.1:${port}`;

/** A port for each region; the first has the one that was asked for. */
async function openHosts(house: House): Promise<[OpenHost, ...OpenHost[]]> {
  const { port, profiles } = house.gateway.options;
  const openHost = async (region: string | undefined, wanted: number): Promise<OpenHost> => {
    const listener = new Listener((request, response) => {
      const host = { region, baseUrl: urlOf(listener) };
      serve(house, host, { request, response }).catch(() => response.destroy());
    }, wanted);
    await listener.open();
    return { region, listener };
  };
  const [region, ...others] = [...new Set(profiles.map((each) => each.region))];
  const first = await openHost(region, port);
  const more: OpenHost[] = [];
  for (const other of others) more.push(await openHost(other, 0));
  return [first, ...more];
}
