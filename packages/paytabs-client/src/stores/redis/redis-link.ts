import { setTimeout as sleep } from 'node:timers/promises';
import { isCircuitBreakerError, withTimeout } from '@nestcms/circuit-breaker';
import { isPayTabsError, PayTabsError } from '../../errors.js';
import { findScript } from './intent-scripts.js';

/** The part of an ioredis client that is used: `Redis`, with or without Sentinel, and `Cluster`, of version 5 and 6. */
export interface RedisClient {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  pipeline(commands: unknown[][]): {
    exec(): Promise<[error: Error | null, result: unknown][] | null>;
  };
}

/** One script and what it is given. The first key says which node of a cluster it goes to. */
export interface Step {
  readonly script: string;
  readonly keys: readonly [string, ...string[]];
  readonly args: readonly string[];
}

/** Sends steps until a limit. */
export interface Sender {
  run(step: Step): Promise<unknown>;
  /** The same, and what it wrote has reached as many replicas as are asked for. */
  runDurably(step: Step): Promise<unknown>;
}

/** Answers of a cluster whose slots move: nothing was done. */
const redirection = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING) /;
const redirectionPauseMs = 20;

/** Scripts with an end of their own, whatever the client was told about waiting, queueing and trying again. */
export class RedisLink {
  readonly #redis: RedisClient;
  readonly #timeoutMs: number;
  readonly #replicas: number;
  readonly #replicaTimeoutMs: number;

  constructor(parts: {
    readonly redis: RedisClient;
    readonly timeoutMs: number;
    readonly replicas: number;
    readonly replicaTimeoutMs: number;
  }) {
    this.#redis = parts.redis;
    this.#timeoutMs = parts.timeoutMs;
    this.#replicas = parts.replicas;
    this.#replicaTimeoutMs = parts.replicaTimeoutMs;
  }

  /** @throws PayTabsError INTENT_STORE_FAILED for whatever goes wrong at Redis or on the way to it */
  async within<Result>(
    work: (send: Sender) => Promise<Result>,
    { cartId }: { readonly cartId?: string } = {},
  ): Promise<Result> {
    const timeoutMs = this.#timeoutMs;
    try {
      return await withTimeout(({ signal }) => work(this.#sender(signal)), { timeoutMs });
    } catch (error) {
      if (isPayTabsError(error)) throw error;
      const message = isCircuitBreakerError(error, 'TIMEOUT')
        ? `Redis did not answer within ${timeoutMs} ms; what it was sent may still be carried out`
        : 'Redis could not be reached, or did not do what was asked';
      throw new PayTabsError('INTENT_STORE_FAILED', message, {
        cartId,
        cause: withoutCommand(error),
      });
    }
  }

  #sender(signal: AbortSignal): Sender {
    const run = ({ script, keys, args }: Step) => {
      // After the limit nothing more is sent.
      signal.throwIfAborted();
      return this.#redis.eval(script, keys.length, ...keys, ...args);
    };
    const runDurably = async (step: Step) => {
      if (this.#replicas === 0) return run(step);
      for (;;) {
        signal.throwIfAborted();
        const [failure, answer] = await this.#replicated(step);
        if (failure === null) return answer;
        if (!redirection.test(failure.message)) throw failure;
        // A pipeline does not follow a slot that moved; a command of its own does, and the client learns the way.
        await run({ script: findScript, keys: [step.keys[0]], args: [] });
        await sleep(redirectionPauseMs, undefined, { signal });
      }
    };
    return { run, runDurably };
  }

  /**
   * WAIT counts from what its own connection wrote last, so both go out together: the client sends them on one connection,
   * and gives up on the second where that broke in between.
   */
  async #replicated({ script, keys, args }: Step): Promise<[Error | null, unknown]> {
    const results = await this.#redis
      .pipeline([
        ['eval', script, keys.length, ...keys, ...args],
        ['wait', this.#replicas, this.#replicaTimeoutMs],
      ])
      .exec();
    const [evaluated, waited] = results ?? [];
    if (evaluated === undefined || waited === undefined)
      throw new Error('The pipeline was discarded');
    const [failure] = evaluated;
    if (failure !== null) return evaluated;
    if (waited[0] !== null) throw waited[0];
    const reached = Number(waited[1]);
    if (reached >= this.#replicas) return evaluated;
    const found = `${reached} of ${this.#replicas} replicas`;
    throw new Error(`Written, but only ${found} had it within ${this.#replicaTimeoutMs} ms`);
  }
}

/** The client's errors carry the command with all it was given, the script among it. */
function withoutCommand(error: unknown): Error {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return Object.assign(new Error(message), { name, stack });
}
