import { describe, expect, it } from 'vitest';
import { Hedging, slowAfterMs } from './hedging.js';
import { RecentTimes } from './recent-times.js';

describe('what 95 % of the last answers needed', () => {
  it('is not known of fewer than twenty', () => {
    const times = new RecentTimes();
    for (let n = 0; n < 19; n += 1) times.record(5);
    expect(times.p95).toBeUndefined();
    times.record(5);
    expect(times.p95).toBe(5);
  });

  it('is that of the last 128, whatever the order', () => {
    const times = new RecentTimes();
    for (let n = 0; n < 1_000; n += 1) times.record(9_999);
    for (let n = 1; n <= 128; n += 1) times.record((n * 37) % 128);
    // 122 of 128 do not exceed it.
    expect(times.p95).toBe(121);
  });

  it('follows a change within sixteen answers', () => {
    const times = new RecentTimes();
    for (let n = 0; n < 128; n += 1) times.record(1);
    expect(times.p95).toBe(1);
    for (let n = 0; n < 16; n += 1) times.record(100);
    expect(times.p95).toBe(100);
  });
});

describe('a class', () => {
  it('that says nothing never hedges', () => {
    const hedging = new Hedging({});
    for (let n = 0; n < 100; n += 1) {
      hedging.readBegan();
      hedging.record(5);
    }
    expect([hedging.delayMs, hedging.mayHedge]).toEqual([undefined, false]);
  });

  it('hedges after the delay that it says, or after its own 95 %, but not below 10 ms', () => {
    expect(new Hedging({ hedgeDelayMs: 7 }).delayMs).toBe(7);
    const own = new Hedging({ hedgeDelayMs: 'p95' });
    expect(own.delayMs).toBeUndefined();
    for (let n = 0; n < 128; n += 1) own.record(2);
    expect(own.delayMs).toBe(10);
    for (let n = 0; n < 128; n += 1) own.record(40);
    expect(own.delayMs).toBe(40);
  });

  it('never makes more extra reads than one in twenty, and saves up fifty', () => {
    const hedging = new Hedging({ hedgeDelayMs: 1 });
    let extra = 0;
    for (let read = 1; read <= 10_000; read += 1) {
      hedging.readBegan();
      if (hedging.mayHedge) {
        hedging.spend();
        extra += 1;
      }
      expect(extra).toBeLessThanOrEqual(read * 0.05 + 1e-6);
    }
    expect(extra).toBeGreaterThanOrEqual(499);
    for (let read = 0; read < 10_000; read += 1) hedging.readBegan();
    let saved = 0;
    for (; hedging.mayHedge; saved += 1) hedging.spend();
    expect(saved).toBe(50);
  });

  it('takes a member for slow at three times the delay, and never below 100 ms', () => {
    expect([slowAfterMs(10), slowAfterMs(33), slowAfterMs(200)]).toEqual([100, 100, 600]);
  });
});
