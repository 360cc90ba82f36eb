import { Injectable } from '@nestjs/common';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'nestcms_';
const STATES = { closed: 0, halfOpen: 1, open: 2 } as const;

/** How much waits in a queue, and since when. */
export interface Lag {
  readonly pending: number;
  readonly oldestAgeMs: number;
}

interface WatchedQueue {
  /** Part of the metrics' names. */
  readonly name: string;
  /** What waits there, in words. */
  readonly about: string;
  readonly lag: () => Promise<Lag>;
}

/** The server's measurements, in a registry of their own. Labels hold names from closed lists only. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly httpDuration = new Histogram({
    name: `${PREFIX}http_request_duration_seconds`,
    help: 'Time from the request line to the end of the answer, by route pattern and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });

  readonly sessionChecks = this.#counter(
    'session_checks_total',
    'Session checks by result; unknown: the store was away and the signed token was believed.',
    ['result'],
  );

  readonly rateLimited = this.#counter(
    'rate_limited_total',
    'Requests answered 429, by class of the limit.',
    ['class'],
  );

  readonly rateLimitFallbacks = this.#counter(
    'rate_limit_fallbacks_total',
    'Requests counted by the stricter limit of this process because Redis was away.',
    ['class'],
  );

  readonly cacheReads = this.#counter(
    'cache_reads_total',
    'Reads of pipeline classes, by HIT or MISS and by where the rows came from.',
    ['pipeline', 'cache', 'source'],
  );

  readonly webhookVerdicts = this.#counter(
    'webhook_verdicts_total',
    'Notices of the gateway, by verdict and reason.',
    ['verdict', 'reason'],
  );

  readonly paymentMoves = this.#counter(
    'payment_moves_total',
    'Moves of payments, by the state they came to.',
    ['state'],
  );

  readonly alerts = this.#counter(
    'alerts_total',
    'Alerts that a person must look at, by reason; may count one twice after a crash.',
    ['reason'],
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Shows the state of every breaker whenever the metrics are read. */
  watchBreakers(
    list: () => readonly { readonly name: string; readonly state: keyof typeof STATES }[],
  ): void {
    new Gauge({
      name: `${PREFIX}circuit_breaker_state`,
      help: 'State of a breaker: 0 closed, 1 half open, 2 open.',
      labelNames: ['breaker'] as const,
      registers: [this.registry],
      collect() {
        for (const { name, state } of list()) this.set({ breaker: name }, STATES[state]);
      },
    });
  }

  /** Asks for the lag of a queue whenever the metrics are read. While it cannot be told the last value stays. */
  watchQueue(queue: WatchedQueue): void {
    const oldest = new Gauge({
      name: `${PREFIX}${queue.name}_oldest_age_seconds`,
      help: `Age of the oldest one of: ${queue.about}.`,
      registers: [this.registry],
    });
    new Gauge({
      name: `${PREFIX}${queue.name}_pending`,
      help: `Number of: ${queue.about}.`,
      registers: [this.registry],
      async collect() {
        const now = await queue.lag().catch(() => undefined);
        if (now === undefined) return;
        this.set(now.pending);
        oldest.set(now.oldestAgeMs / 1_000);
      },
    });
  }

  #counter<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Counter<Label> {
    return new Counter({ name: PREFIX + name, help, labelNames, registers: [this.registry] });
  }
}
