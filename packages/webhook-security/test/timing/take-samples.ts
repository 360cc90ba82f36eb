import type { Next } from '../support/random-from.js';
import type { Samples } from './welch.js';

/** Something whose time must not tell the two classes of what it is given apart. */
export interface Subject {
  /** Makes what the next call is given, outside the time that is taken. */
  readonly prepare: (which: 0 | 1) => void;
  readonly call: () => unknown;
}

export interface Sampling {
  readonly samples: number;
  /** Calls before those that count. */
  readonly warmUp: number;
  /** Decides the order of the classes. */
  readonly next: Next;
  readonly now: () => number;
}

export const takeSamples = (
  { prepare, call }: Subject,
  { samples, warmUp, next, now }: Sampling,
): Samples => {
  const times = new Float64Array(samples);
  const classes = new Uint8Array(samples);
  for (let place = -warmUp; place < samples; place += 1) {
    const which = (next() >>> 31) as 0 | 1;
    prepare(which);
    const started = now();
    call();
    const time = now() - started;
    if (place < 0) continue;
    times[place] = time;
    classes[place] = which;
  }
  return { times, classes };
};
