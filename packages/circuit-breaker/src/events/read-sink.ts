import { InvalidOptionError } from '../errors.js';
import type { EventSink } from './guarded-emitter.js';

/** @throws InvalidOptionError for what is no sink */
export const readSink = <Events>(
  option: string,
  sink: EventSink<Events> | undefined,
): EventSink<Events> | undefined => {
  if (sink === undefined) return sink;
  if (typeof sink?.hears === 'function' && typeof sink.emit === 'function') return sink;
  const allowed = 'an object with hears and emit';
  throw new InvalidOptionError({ option, value: sink, allowed });
};
