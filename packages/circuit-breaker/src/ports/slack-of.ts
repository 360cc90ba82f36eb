import type { Clock } from './clock.js';

/** How many milliseconds of slack `clock` allows now; none if what it says is no such number. */
export const slackOf = ({ slackMs }: Clock): number =>
  typeof slackMs === 'number' && slackMs > 0 && slackMs < Number.POSITIVE_INFINITY ? slackMs : 0;
