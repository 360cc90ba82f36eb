import { describe, expect, it } from 'vitest';
import { NotedEntry } from '../../test/support/deadlines.js';
import { FixedLane, NOT_KNOWN } from './fixed-lane.js';

describe('a lane', () => {
  it('that is given the time changes only the deadlines that are not known', () => {
    const lane = new FixedLane(100);
    const deadlines = [40, NOT_KNOWN, 60, NOT_KNOWN];
    const entries = deadlines.map((deadline) => {
      const entry = Object.assign(new NotedEntry('', () => {}), { deadline });
      lane.add(entry);
      return entry;
    });
    lane.startAt(7);
    expect(entries.map(({ deadline }) => deadline)).toEqual([40, 107, 60, 107]);
    lane.startAt(9);
    expect(entries.map(({ deadline }) => deadline)).toEqual([40, 107, 60, 107]);
  });
});
