import { type Channel, channel } from 'node:diagnostics_channel';
import { AUDIENCE } from '../../events/audience.js';

type Way = (...args: unknown[]) => unknown;

const watched = new WeakSet<Channel>();

/** Ways to begin to listen to a channel. */
const WAYS = ['subscribe', 'bindStore'] as const;

/**
 * The channel of that name, which notes in `AUDIENCE` when someone subscribes: to ask it at each call
 * would cost a tenth of what a breaker does.
 */
export const watchedChannel = (name: string): Channel => {
  const found = channel(name);
  if (watched.has(found)) return found;
  watched.add(found);
  for (const way of WAYS) {
    // Another copy of this package may watch it too.
    const before = Object.getOwnPropertyDescriptor(found, way)?.value as Way | undefined;
    Object.defineProperty(found, way, {
      configurable: true,
      writable: true,
      value(this: Channel, ...args: unknown[]) {
        AUDIENCE.changes += 1;
        // Looked up at each call: a channel changes its prototype with its first subscriber.
        const begin = before ?? (Object.getPrototypeOf(this) as Record<typeof way, Way>)[way];
        return begin.apply(this, args);
      },
    });
  }
  return found;
};
