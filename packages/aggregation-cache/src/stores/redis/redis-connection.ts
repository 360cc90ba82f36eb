import { randomBytes } from 'node:crypto';
import { type Clock, isCircuitBreakerError, withTimeout } from '@nestcms/circuit-breaker';
import { AggregationCacheError } from '../../errors.js';
import type { RemoteState } from '../../ports/remote-store.js';
import { ADOPT, type Script } from './scripts.js';

/** The part of an ioredis client that is used; its version 5 and 6 both fit. */
export interface RedisClient {
  readonly status: string;
  connect(): Promise<unknown>;
  callBuffer(command: string, args: (string | Buffer | number)[]): Promise<unknown>;
  on(event: string, listener: (...args: Buffer[]) => void): unknown;
  off(event: string, listener: (...args: Buffer[]) => void): unknown;
}

/** Version of the generations' layout; a server that holds another one is stayed away from. */
const GENERATIONS_FORMAT = '1';
/** Pause before the server is asked again which run it is, when it did not answer. */
const ADOPT_AGAIN_MS = 100;
/** What is random in a generation's id; the rest is the server's time. */
const RANDOM_LENGTH = 19;

/**
 * Commands with a time-out of their own, over a connection that is only used once the server has been
 * asked which run of itself it is. Nothing is ever queued for a connection that is not there.
 */
export class RedisConnection {
  readonly #redis: RedisClient;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #generationsKey: string;
  readonly #onState: (state: RemoteState) => void;
  #state: RemoteState = 'away';
  /** Counts connections, so that an answer is known to be from the one that was asked. */
  #connection = 0;
  #cancelAdopt = () => {};
  #closed = false;

  constructor(parts: {
    readonly redis: RedisClient;
    readonly timeoutMs: number;
    readonly clock: Clock;
    readonly generationsKey: string;
    readonly onState: (state: RemoteState) => void;
  }) {
    this.#redis = parts.redis;
    this.#timeoutMs = parts.timeoutMs;
    this.#clock = parts.clock;
    this.#generationsKey = parts.generationsKey;
    this.#onState = parts.onState;
    this.#redis.on('ready', this.#connected);
    this.#redis.on('close', this.#lost);
    this.#redis.on('end', this.#lost);
    // Without a listener a connection error would end the process.
    this.#redis.on('error', ignore);
    if (this.#redis.status === 'ready') this.#connected();
    if (this.#redis.status === 'wait') this.#redis.connect().catch(ignore);
  }

  get state(): RemoteState {
    return this.#state;
  }

  /** @throws REMOTE_FAILED within the time-out */
  run(
    operation: string,
    script: Script,
    keys: readonly string[],
    args: readonly (string | Buffer | number)[],
  ): Promise<unknown> {
    if (this.#state === 'away') return Promise.reject(failed(operation, 'away'));
    return this.#send(operation, () => this.#evaluate(script, keys, args));
  }

  /** The random part of a new generation's id. */
  random(): string {
    return randomBytes(Math.ceil(RANDOM_LENGTH / 2))
      .toString('hex')
      .slice(0, RANDOM_LENGTH);
  }

  close(): void {
    this.#closed = true;
    this.#lost();
    this.#redis.off('ready', this.#connected);
    this.#redis.off('close', this.#lost);
    this.#redis.off('end', this.#lost);
    this.#redis.off('error', ignore);
  }

  async #send<T>(operation: string, send: () => Promise<T>): Promise<T> {
    const connection = this.#connection;
    let answer: T;
    try {
      answer = await withTimeout(send, { timeoutMs: this.#timeoutMs, clock: this.#clock });
    } catch (error) {
      const reason = isCircuitBreakerError(error, 'TIMEOUT') ? 'timeout' : 'refused';
      throw failed(operation, reason, error);
    }
    // Clients send again what a lost connection left unanswered; such an answer may come from a server
    // that went back in time and has not been asked about it.
    if (connection !== this.#connection) throw failed(operation, 'away');
    return answer;
  }

  async #evaluate(
    { source, sha }: Script,
    keys: readonly string[],
    args: readonly (string | Buffer | number)[],
  ): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args];
    try {
      return await this.#redis.callBuffer('EVALSHA', [sha, ...rest]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.#redis.callBuffer('EVAL', [source, ...rest]);
    }
  }

  readonly #connected = (): void => {
    this.#lost();
    void this.#adopt(this.#connection);
  };

  readonly #lost = (): void => {
    this.#connection += 1;
    this.#cancelAdopt();
    if (this.#state === 'away') return;
    this.#state = 'away';
    this.#onState('away');
  };

  async #adopt(connection: number): Promise<void> {
    try {
      const run = await this.#send('adopt', () => this.#runId());
      await this.#send('adopt', () =>
        this.#evaluate(ADOPT, [this.#generationsKey], [this.random(), run, GENERATIONS_FORMAT]),
      );
    } catch {
      if (this.#closed || connection !== this.#connection) return;
      this.#cancelAdopt = this.#clock.setTimer(() => void this.#adopt(connection), ADOPT_AGAIN_MS);
      return;
    }
    if (this.#closed || connection !== this.#connection) return;
    this.#state = 'ready';
    this.#onState('ready');
  }

  async #runId(): Promise<string> {
    const info = String(await this.#redis.callBuffer('INFO', ['server']));
    // A server that keeps it secret may be another one at each connection.
    return /^run_id:(\w+)/m.exec(info)?.[1] ?? this.random();
  }
}

const ignore = (): void => {};

const failed = (
  operation: string,
  reason: 'timeout' | 'away' | 'refused',
  cause?: unknown,
): AggregationCacheError<'REMOTE_FAILED'> =>
  new AggregationCacheError(
    'REMOTE_FAILED',
    `Redis did not do '${operation}': ${reason}.`,
    { operation, reason },
    cause === undefined ? undefined : { cause: kindOf(cause) },
  );

/** Name and first word, such as `ReplyError` and `WRONGTYPE`: the error itself holds the command, rows and all. */
const kindOf = (error: unknown): Error => {
  const { name, message } = error instanceof Error ? error : new Error(typeof error);
  const kind = new Error(/^[\w-]{1,40}/.exec(message)?.[0] ?? '');
  kind.name = name;
  return kind;
};
