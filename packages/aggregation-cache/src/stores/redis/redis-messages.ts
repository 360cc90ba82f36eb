import type { Generation } from '../../ports/remote-store.js';
import { decodeMessage } from './generation-codec.js';
import type { RedisClient } from './redis-connection.js';

/** A client that can be subscribed; an ioredis client is one. */
export interface RedisSubscriber extends Omit<RedisClient, 'callBuffer'> {
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
}

/** A client that a subscriber of its own can be made from. */
export interface DuplicableRedisClient extends RedisClient {
  duplicate(override: {
    readonly autoResubscribe: boolean;
  }): RedisSubscriber & { disconnect(): void };
}

/** The announcements of other processes, heard as long as somebody listens. */
export class RedisMessages {
  readonly #redis: DuplicableRedisClient;
  readonly #given: RedisSubscriber | undefined;
  readonly #channel: string;
  readonly #onMoved: (generations: readonly Generation[]) => void;
  #stop: (() => void) | undefined;

  constructor(parts: {
    readonly redis: DuplicableRedisClient;
    /** Default: a duplicate of `redis`, for as long as somebody listens. */
    readonly subscriber: RedisSubscriber | undefined;
    readonly channel: string;
    readonly onMoved: (generations: readonly Generation[]) => void;
  }) {
    this.#redis = parts.redis;
    this.#given = parts.subscriber;
    this.#channel = parts.channel;
    this.#onMoved = parts.onMoved;
  }

  /** Does nothing when it has been started. */
  start(): void {
    if (this.#stop !== undefined) return;
    if (this.#given !== undefined) {
      const given = this.#given;
      const detach = this.#attach(given);
      this.#stop = () => {
        detach();
        given.unsubscribe(this.#channel).catch(ignore);
      };
      return;
    }
    // The client's own way to subscribe again leaves its promise unhandled, which ends the process when the
    // connection goes once more; here each `ready` does it.
    const own = this.#redis.duplicate({ autoResubscribe: false });
    const detach = this.#attach(own);
    this.#stop = () => {
      detach();
      // The listener for errors goes with the connection, so a last one must still find one.
      own.on('error', ignore);
      own.disconnect();
    };
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #attach(subscriber: RedisSubscriber): () => void {
    const subscribe = () => {
      // Should it fail, the next connection tries again; until then comparing makes up for messages.
      subscriber.subscribe(this.#channel).catch(ignore);
    };
    subscriber.on('error', ignore);
    subscriber.on('messageBuffer', this.#received);
    subscriber.on('ready', subscribe);
    if (subscriber.status === 'ready') subscribe();
    if (subscriber.status === 'wait') subscriber.connect().catch(ignore);
    return () => {
      subscriber.off('ready', subscribe);
      subscriber.off('messageBuffer', this.#received);
      subscriber.off('error', ignore);
    };
  }

  readonly #received = (channel: Buffer, message: Buffer): void => {
    if (channel.toString() !== this.#channel) return;
    const generations = decodeMessage(message);
    if (generations !== undefined) this.#onMoved(generations);
  };
}

const ignore = (): void => {};
