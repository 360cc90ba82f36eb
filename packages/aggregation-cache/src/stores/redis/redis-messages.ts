import { type Announcement, decodeMessage } from './generation-codec.js';
import type { RedisClient } from './redis-connection.js';
import type { RedisKeys } from './redis-keys.js';

/** A client that can be subscribed; an ioredis client is one. */
export interface RedisSubscriber extends Omit<RedisClient, 'callBuffer'> {
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
}

/** A client that a subscriber of its own can be made from. */
export interface DuplicableRedisClient extends RedisClient {
  readonly isCluster?: boolean;
  duplicate(...overrides: never[]): RedisSubscriber & { disconnect(): void };
}

/** What other processes announce, heard as long as somebody listens. */
export class RedisMessages {
  readonly #redis: DuplicableRedisClient;
  readonly #given: RedisSubscriber | undefined;
  readonly #keys: RedisKeys;
  readonly #onMoved: (announcement: Announcement) => void;
  readonly #onWoken: (key: string) => void;
  #subscribe = () => {};
  #stop: (() => void) | undefined;

  constructor(parts: {
    readonly redis: DuplicableRedisClient;
    /** Default: a duplicate of `redis`, for as long as somebody listens. */
    readonly subscriber: RedisSubscriber | undefined;
    readonly keys: RedisKeys;
    readonly onMoved: (announcement: Announcement) => void;
    readonly onWoken: (key: string) => void;
  }) {
    this.#redis = parts.redis;
    this.#given = parts.subscriber;
    this.#keys = parts.keys;
    this.#onMoved = parts.onMoved;
    this.#onWoken = parts.onWoken;
  }

  /** Does nothing when it has been started. */
  start(): void {
    if (this.#stop !== undefined) return;
    if (this.#given !== undefined) {
      const given = this.#given;
      const detach = this.#attach(given);
      this.#stop = () => {
        detach();
        given.unsubscribe(...this.#channels).catch(ignore);
      };
      return;
    }
    const own = this.#duplicate();
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
    this.#subscribe = () => {};
  }

  /** Makes up for a subscription that failed. Once more does no harm. */
  renew(): void {
    this.#subscribe();
  }

  get #channels(): [string, string] {
    return [this.#keys.movedChannel, this.#keys.wokenChannel];
  }

  #duplicate(): RedisSubscriber & { disconnect(): void } {
    // The client's own way to subscribe again leaves its promise unhandled, which ends the process when the
    // connection goes once more; here each `ready` does it. A cluster's client does it well.
    const overrides = this.#redis.isCluster === true ? [] : [{ autoResubscribe: false }];
    return this.#redis.duplicate(...(overrides as never[]));
  }

  #attach(subscriber: RedisSubscriber): () => void {
    const subscribe = () => {
      // Should it fail, the next connection tries again; until then comparing makes up for messages.
      if (subscriber.status === 'ready') subscriber.subscribe(...this.#channels).catch(ignore);
    };
    this.#subscribe = subscribe;
    subscriber.on('error', ignore);
    subscriber.on('messageBuffer', this.#received);
    subscriber.on('ready', subscribe);
    subscribe();
    if (subscriber.status === 'wait') subscriber.connect().catch(ignore);
    return () => {
      subscriber.off('ready', subscribe);
      subscriber.off('messageBuffer', this.#received);
      subscriber.off('error', ignore);
    };
  }

  readonly #received = (channel: Buffer, message: Buffer): void => {
    const name = channel.toString();
    if (name === this.#keys.wokenChannel) this.#onWoken(message.toString());
    if (name !== this.#keys.movedChannel) return;
    const announcement = decodeMessage(message);
    if (announcement !== undefined) this.#onMoved(announcement);
  };
}

const ignore = (): void => {};
