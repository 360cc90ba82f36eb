import { compare } from '@nestcms/bench/compare';
import { figureNamed, figureTable } from '@nestcms/bench/figures';
import { amount, type Findings, judge, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { Registry } from 'prom-client';
import type { CircuitBreaker, CircuitBreakerRegistry } from '../../src/index.js';
import { resolves } from '../columns/operations.ts';
import { breakerOf } from '../columns/ours.ts';
import { loadBuilt } from '../support/build.ts';

type Diagnostics = typeof import('../../src/adapters/diagnostics/index.js');
type Prometheus = typeof import('../../src/adapters/prometheus/index.js');
type OpenTelemetry = typeof import('../../src/adapters/opentelemetry/index.js');

/** Two breakers that are alike are told apart by less than the bar only if they are timed often. */
const MORE_ROUNDS = 3;
const PLAIN = 'ours: alone';
const CONTROL = 'ours: another one alone';
const REGISTERED = 'ours: in a registry';

/** Which column each is an addition to. */
const ADDITIONS = [
  { name: 'diagnostics_channel on a breaker, no subscriber', to: PLAIN },
  { name: 'diagnostics_channel on a registry, no subscriber', to: REGISTERED },
  { name: 'prom-client, not scraped', to: REGISTERED },
  { name: 'OpenTelemetry, not collected', to: REGISTERED },
] as const;

/** What a closed call costs more with an adapter that nobody asks for anything. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const breakers = await breakersOf();
  const columns = Object.entries(breakers).map(([name, breaker]) => ({
    name,
    call: () => breaker.execute(resolves),
  }));
  const figures = await compare(columns, { rounds: rounds * MORE_ROUNDS, note });
  const percentOver = (name: string, to: string) =>
    (figureNamed(figures, name).ratio / figureNamed(figures, to).ratio - 1) * 100;
  const floor = `${amount(percentOver(CONTROL, PLAIN))} % (no adapter)`;
  const verdicts = ADDITIONS.map(({ name, to }): Verdict => {
    const percent = percentOver(`ours: ${name}`, to);
    return {
      row: `closed path, ${name}`,
      figure: `${amount(percent)} %`,
      ...judge(Math.max(0, percent), { most: 2, unit: ' %' }),
      floor,
    };
  });
  const registry: Verdict = {
    row: 'closed path, a breaker in a registry that nobody listens to',
    figure: `${amount(percentOver(REGISTERED, PLAIN))} %`,
    bar: '',
    met: undefined,
    floor,
  };
  const title = 'Closed, success, with adapters that nobody asks (bare: a breaker alone)';
  return { verdicts: [...verdicts, registry], tables: [figureTable(title, figures)] };
};

const breakersOf = async (): Promise<Readonly<Record<string, CircuitBreaker>>> => {
  const ours = await loadBuilt();
  const { publishEvents } = await loadBuilt<Diagnostics>('adapters/diagnostics/index');
  const { registerBreakers } = await loadBuilt<Prometheus>('adapters/prometheus/index');
  const { observeBreakers } = await loadBuilt<OpenTelemetry>('adapters/opentelemetry/index');
  const published = breakerOf(ours);
  publishEvents(published);
  const inRegistry = (adapt: (registry: CircuitBreakerRegistry) => unknown): CircuitBreaker => {
    const registry = new ours.CircuitBreakerRegistry();
    const breaker = registry.getOrCreate({ name: 'bench' });
    adapt(registry);
    return breaker;
  };
  return {
    [PLAIN]: breakerOf(ours),
    [CONTROL]: breakerOf(ours),
    'ours: diagnostics_channel on a breaker, no subscriber': published,
    [REGISTERED]: inRegistry(() => {}),
    'ours: diagnostics_channel on a registry, no subscriber': inRegistry((registry) =>
      publishEvents(registry),
    ),
    'ours: prom-client, not scraped': inRegistry((registry) =>
      registerBreakers(registry, { register: new Registry() }),
    ),
    'ours: OpenTelemetry, not collected': inRegistry((registry) =>
      observeBreakers(registry, { meter: new MeterProvider().getMeter('bench') }),
    ),
  };
};
