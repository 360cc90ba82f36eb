import type { GuardedEmitter } from '../../src/index.js';

/** Collects each of the events `names` as `[name, payload]`. */
export const recordPolicyEvents = <Events>(
  events: GuardedEmitter<Events>,
  names: readonly (keyof Events & string)[],
) => {
  const heard: [name: keyof Events & string, payload: unknown][] = [];
  for (const name of names) events.on(name, (payload) => heard.push([name, payload]));
  return heard;
};
