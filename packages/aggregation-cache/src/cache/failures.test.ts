import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { AggregationCacheError } from '../errors.js';
import { GenerationTable } from '../validity/generation-table.js';
import { RecentFailures } from './failures.js';

describe('many failures within the negative window', () => {
  it('cost each of them about the same, however many there are', () => {
    const clock = new ManualClock();
    let looks = 0;
    const counting = {
      now: () => {
        looks += 1;
        return clock.now();
      },
      wallTime: () => clock.wallTime(),
      setTimer: clock.setTimer.bind(clock),
    };
    const failures = new RecentFailures(counting);
    const ticket = new GenerationTable(clock).ticket(['a']);
    const error = new AggregationCacheError('NO_MEMBER', 'nobody', {
      pipelineClass: 'a',
      passedOver: [],
    });
    const count = 20_000;
    for (let n = 0; n < count; n += 1) {
      failures.note(`key ${n}`, error, { forMs: 1_000, ticket, after: undefined });
    }
    expect(looks).toBeLessThan(3 * count);
    expect(failures.get('key 0', undefined)).toBe(error);
    clock.advance(1_000);
    expect(failures.get('key 0', undefined)).toBeUndefined();
  });
});
