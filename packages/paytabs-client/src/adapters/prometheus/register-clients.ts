import { Counter, register as defaultRegister, Gauge, Histogram, type Registry } from 'prom-client';
import type { PayTabsClient } from '../../client/paytabs-client.js';
import {
  BREAKER_STATE,
  breakerStates,
  CLIENT_METRICS,
  clientsOf,
  DURATION_BOUNDS_S,
  type FedMetric,
  feed,
  type Labels,
  refuseUnknown,
} from '../../metrics/client-metrics.js';

export interface PrometheusOptions {
  /** Where the metrics are registered. Default: prom-client's default register. */
  readonly register?: Registry | undefined;
}

/**
 * Registers metrics of these clients with prom-client, all named `paytabs_…`; the label `profile` tells the clients
 * apart. Without it they cost nothing. Of two clients of one profile the breakers of the last are told.
 * @returns a function that takes the metrics out again
 * @throws PayTabsError INVALID_OPTION, and what prom-client throws if the names are taken in that register
 */
export function registerClients(
  clients: PayTabsClient | readonly PayTabsClient[],
  options: PrometheusOptions = {},
): () => void {
  const all = clientsOf(clients);
  refuseUnknown(options, 'register');
  const register = options.register ?? defaultRegister;
  const instruments = CLIENT_METRICS.map((metric) => ({
    metric,
    ...instrumentOf(metric, register),
  }));
  const name = promName(BREAKER_STATE.name);
  new Gauge({
    name,
    help: BREAKER_STATE.help,
    labelNames: ['profile', ...BREAKER_STATE.labels],
    registers: [register],
    collect() {
      for (const { labels, value } of breakerStates(all)) this.set(labels, value);
    },
  });
  const ends = instruments.map(({ metric, add }) => feed(metric, all, add));
  return () => {
    for (const end of ends) end();
    for (const each of instruments) register.removeSingleMetric(each.name);
    register.removeSingleMetric(name);
  };
}

const promName = (name: string): string => name.replaceAll('.', '_');

/** Counters end in `_total`, times in `_seconds`. */
function instrumentOf({ name, kind, help, labels }: FedMetric, register: Registry) {
  const shared = { help, labelNames: ['profile', ...labels], registers: [register] };
  if (kind === 'counter') {
    const counter = new Counter({ ...shared, name: `${promName(name)}_total` });
    return {
      name: `${promName(name)}_total`,
      add: (value: number, by: Labels) => counter.inc(by, value),
    };
  }
  const histogram = new Histogram({
    ...shared,
    name: `${promName(name)}_seconds`,
    buckets: [...DURATION_BOUNDS_S],
  });
  return {
    name: `${promName(name)}_seconds`,
    add: (value: number, by: Labels) => histogram.observe(by, value),
  };
}
