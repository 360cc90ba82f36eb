import { randomBytes } from 'node:crypto';
import type { Clock } from '@nestcms/circuit-breaker';
import { AggregationCacheError } from '../../errors.js';
import type { RemoteState } from '../../ports/remote-store.js';
import { ADOPT, type Script } from './scripts.js';

export type RedisArgument = string | Buffer | number;

/** The part of an ioredis client, of one server or of a cluster, that is used; its version 5 and 6 both fit. */
export interface RedisClient {
  readonly status: string;
  connect(): Promise<unknown>;
  callBuffer(command: string, args: RedisArgument[]): Promise<unknown>;
  on(event: string, listener: (...args: Buffer[]) => void): unknown;
  off(event: string, listener: (...args: Buffer[]) => void): unknown;
  /** Of a cluster: asks again who has which slots. */
  refreshSlotsCache?(): void;
}

/** Pauses between two questions which run of the server this is: each twice the one before. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;
/** What is random in a generation's id, in bytes; the rest is the server's time and a count. */
const RANDOM_BYTES = 8;

/** Answers that mean that this is not, or not now, the server to ask. */
const NOT_THIS_SERVER = /(?:^|-)(?:RUN|READONLY|NOREPLICAS|MASTERDOWN|LOADING|CLUSTERDOWN)\b/;

/**
 * Commands with a time-out of their own, to a server that has told which run of itself it is. Each command
 * names that run, and any other refuses it. Nothing is ever queued for a connection that is not there.
 */
export class RedisConnection {
  readonly #redis: RedisClient;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #stateKey: string;
  readonly #onState: (state: RemoteState) => void;
  #state: RemoteState = 'away';
  /** The run that was adopted last. */
  #run = '';
  /** Counts answers, so that silence is told from slowness. */
  #answers = 0;
  #cancelSeeking = () => {};
  #isClosed = false;

  constructor(parts: {
    readonly redis: RedisClient;
    readonly timeoutMs: number;
    readonly clock: Clock;
    readonly stateKey: string;
    readonly onState: (state: RemoteState) => void;
  }) {
    this.#redis = parts.redis;
    this.#timeoutMs = parts.timeoutMs;
    this.#clock = parts.clock;
    this.#stateKey = parts.stateKey;
    this.#onState = parts.onState;
    this.#redis.on('ready', this.#seek);
    this.#redis.on('close', this.#lost);
    this.#redis.on('end', this.#lost);
    // Without a listener a connection error would end the process.
    this.#redis.on('error', ignore);
    if (this.#redis.status === 'ready') this.#seek();
    if (this.#redis.status === 'wait') this.#redis.connect().catch(ignore);
  }

  get state(): RemoteState {
    return this.#state;
  }

  /**
   * @param keys beside the state's
   * @param args beside the run's
   * @throws REMOTE_FAILED within the time-out
   */
  run(
    operation: string,
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<unknown> {
    return this.#guarded(operation, (run) => this.#evaluate(script, keys, [run, ...args]));
  }

  /**
   * Reads values, and runs the script after that. Whatever server the values come from, the script
   * vouches for its own answer alone.
   * @throws REMOTE_FAILED within the time-out
   */
  readAndRun(
    operation: string,
    values: readonly string[],
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<readonly [values: unknown, answer: unknown]> {
    return this.#guarded(operation, (run) =>
      Promise.all([
        this.#redis.callBuffer('MGET', [...values]),
        this.#evaluate(script, keys, [run, ...args]),
      ]),
    );
  }

  /** @throws REMOTE_FAILED within the time-out */
  async #guarded<T>(operation: string, ask: (run: string) => Promise<T>): Promise<T> {
    if (this.#state === 'away') throw failed(operation, 'away');
    const run = this.#run;
    const answersBefore = this.#answers;
    try {
      return await this.#withinTimeout(ask(run));
    } catch (error) {
      if (error === TIMED_OUT) {
        // Not a word meanwhile: whoever asks next need not find that out by a time-out of his own.
        if (answersBefore === this.#answers && run === this.#run) this.#suspect();
        throw failed(operation, 'timeout');
      }
      if (error instanceof Error && NOT_THIS_SERVER.test(error.message)) {
        if (run === this.#run) this.#suspect();
        throw failed(operation, 'away', error);
      }
      throw failed(operation, 'refused', error);
    }
  }

  /** The random part of new generations' ids. */
  random(): string {
    return randomBytes(RANDOM_BYTES).toString('hex');
  }

  close(): void {
    this.#isClosed = true;
    this.#lost();
    this.#redis.off('ready', this.#seek);
    this.#redis.off('close', this.#lost);
    this.#redis.off('end', this.#lost);
    this.#redis.off('error', ignore);
  }

  #withinTimeout<T>(asked: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // If this process was busy, the answer may lie there unread: it is read before this is decided.
      // oxlint-disable-next-line no-restricted-globals -- the end of this turn, not a time
      const giveUp = () => setImmediate(() => reject(TIMED_OUT));
      const cancel = this.#clock.setTimer(giveUp, this.#timeoutMs);
      asked.then(
        (answer) => {
          cancel();
          this.#answers += 1;
          resolve(answer);
        },
        (error: unknown) => {
          cancel();
          this.#answers += 1;
          reject(error as Error);
        },
      );
    });
  }

  async #evaluate(
    { source, sha }: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<unknown> {
    const rest = [1 + keys.length, this.#stateKey, ...keys, ...args];
    try {
      return await this.#redis.callBuffer('EVALSHA', [sha, ...rest]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.#redis.callBuffer('EVAL', [source, ...rest]);
    }
  }

  readonly #lost = (): void => {
    this.#cancelSeeking();
    if (this.#state === 'away') return;
    this.#state = 'away';
    this.#onState('away');
  };

  #suspect(): void {
    if (this.#state === 'away') return;
    this.#refreshSlots();
    this.#seek();
  }

  /** Asks again and again which run this is. An answer that comes late, as from a server that was frozen, will do. */
  readonly #seek = (): void => {
    this.#lost();
    let pauseMs = FIRST_PAUSE_MS;
    let isOver = false;
    let cancelTimer = () => {};
    this.#cancelSeeking = () => {
      isOver = true;
      cancelTimer();
    };
    const found = (run: unknown) => {
      if (isOver || this.#isClosed) return;
      this.#cancelSeeking();
      this.#run = String(run);
      this.#state = 'ready';
      this.#onState('ready');
    };
    const ask = () => {
      cancelTimer = this.#clock.setTimer(askAgain, pauseMs);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      if (this.#redis.status !== 'ready') return;
      this.#evaluate(ADOPT, [], ['', this.random()]).then(found, ignore);
    };
    const askAgain = () => {
      this.#refreshSlots();
      ask();
    };
    ask();
  };

  /** Of a cluster, another node may have the slot by now. A client finds that out from answers, and a frozen node gives none. */
  #refreshSlots(): void {
    if (this.#redis.status === 'ready') this.#redis.refreshSlotsCache?.();
  }
}

const TIMED_OUT = new Error('timed out');

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
