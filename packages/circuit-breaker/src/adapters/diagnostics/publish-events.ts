import type { Channel } from 'node:diagnostics_channel';
import { steady } from '../../events/audience.js';
import type { EventSink, GuardedEmitter } from '../../events/guarded-emitter.js';
import { readText, refuseUnknown } from '../../validation.js';
import { watchedChannel } from './watched-channel.js';

/** Anything with events: a breaker, a registry, a policy. */
export interface EventSource<Events> {
  readonly events: GuardedEmitter<Events>;
}

export interface DiagnosticsOptions {
  /** What the channels' names begin with; not blank; default `nestcms.circuit-breaker`. */
  readonly prefix?: string | undefined;
}

/** Gives each event to the channel of its name, as long as that has subscribers. */
class ChannelSink<Events> implements EventSink<Events> {
  readonly [steady] = true;
  readonly #prefix: string;
  readonly #channels: Partial<Record<string, Channel>> = Object.create(null);

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  hears(event: keyof Events & string): boolean {
    return this.#channelOf(event).hasSubscribers;
  }

  emit<E extends keyof Events & string>(event: E, payload: Events[E]): void {
    this.#channelOf(event).publish(payload);
  }

  #channelOf(event: string): Channel {
    const known = this.#channels[event];
    if (known !== undefined) return known;
    const made = watchedChannel(`${this.#prefix}.${event}`);
    this.#channels[event] = made;
    return made;
  }
}

/**
 * Publishes every event of `source` to `node:diagnostics_channel`, each on a channel of its own, such as
 * `nestcms.circuit-breaker.opened`. A channel without subscribers costs one look.
 * @returns a function that ends it
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const publishEvents = <Events>(
  source: EventSource<Events>,
  options: DiagnosticsOptions = {},
): (() => void) => {
  refuseUnknown('', options, ['prefix']);
  const prefix = readText('prefix', options.prefix ?? 'nestcms.circuit-breaker');
  return source.events.connect(new ChannelSink<Events>(prefix));
};
