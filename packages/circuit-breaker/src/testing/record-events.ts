import type { EventSink, GuardedEmitter } from '../events/guarded-emitter.js';

/** An event as it came. */
export type RecordedEvent<Events> = {
  readonly [E in keyof Events & string]: { readonly event: E; readonly payload: Events[E] };
}[keyof Events & string];

/** Collects every event of an emitter, in order, from now on. */
export const recordEvents = <Events>(emitter: GuardedEmitter<Events>): RecordedEvent<Events>[] => {
  const recorded: RecordedEvent<Events>[] = [];
  const sink: EventSink<Events> = {
    hears: () => true,
    emit: (event, payload) => {
      recorded.push({ event, payload } as RecordedEvent<Events>);
    },
  };
  emitter.connect(sink);
  return recorded;
};
