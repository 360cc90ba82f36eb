import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { AwayPoint } from './away-point.js';
import type { CausalToken } from './causal-token.js';

const at = (t: number): CausalToken => ({ operationTime: new Timestamp({ t, i: 0 }) });

const open = () => {
  const clock = new ManualClock({ now: 1_000 });
  const asked: {
    readonly answer: (point: CausalToken | undefined) => void;
    readonly fail: () => void;
  }[] = [];
  const ask = () =>
    new Promise<CausalToken | undefined>((answer, reject) => {
      asked.push({ answer, fail: () => reject(new Error('no')) });
    });
  const away = new AwayPoint(ask, clock);
  /** Has it know a point that was asked for now. */
  const know = async (t: number) => {
    const known = away.since(clock.now(), Number.POSITIVE_INFINITY);
    asked.at(-1)?.answer(at(t));
    await known;
  };
  return { clock, asked, away, know };
};

describe('the point at which the database was', () => {
  it('is told with the moment at which it was asked for', async () => {
    const { clock, asked, away } = open();
    const known = away.since(900, 500);
    clock.advance(30);
    asked[0]?.answer(at(5));
    expect(await known).toEqual({ point: at(5), askedAt: 1_000 });
  });

  it('serves all who may be answered by it, up to the very moment it was asked for', async () => {
    const { clock, asked, away, know } = open();
    await know(5);
    clock.advance(100);
    expect(await away.since(1_000, 101)).toEqual({ point: at(5), askedAt: 1_000 });
    expect(asked).toHaveLength(1);
    const later = away.since(1_001, 101);
    expect(asked).toHaveLength(2);
    asked[1]?.answer(at(6));
    expect(await later).toEqual({ point: at(6), askedAt: 1_100 });
  });

  it('is asked for again in time, while the old one still answers', async () => {
    const { clock, asked, away, know } = open();
    await know(5);
    clock.advance(99);
    await away.since(500, 100);
    expect(asked).toHaveLength(1);
    clock.advance(1);
    expect(await away.since(500, 100)).toMatchObject({ askedAt: 1_000 });
    expect(asked).toHaveLength(2);
    asked[1]?.answer(at(6));
    await Promise.resolve();
    expect(await away.since(1_001, 100)).toEqual({ point: at(6), askedAt: 1_100 });
  });

  it('is asked for once by all who come meanwhile, and anew by those for whom that is too early', async () => {
    const { clock, asked, away } = open();
    const first = away.since(1_000, 500);
    clock.advance(10);
    const second = away.since(1_000, 500);
    expect(asked).toHaveLength(1);
    const third = away.since(1_001, 500);
    expect(asked).toHaveLength(2);
    asked[0]?.answer(at(5));
    expect(await first).toMatchObject({ askedAt: 1_000 });
    expect(await second).toMatchObject({ askedAt: 1_000 });
    // The end of the first leaves the second one to be shared.
    const fourth = away.since(1_005, 500);
    expect(asked).toHaveLength(2);
    asked[1]?.answer(at(6));
    expect(await third).toMatchObject({ askedAt: 1_010 });
    expect(await fourth).toMatchObject({ askedAt: 1_010 });
  });

  it('is not put back by an earlier question that was answered late', async () => {
    const { clock, asked, away } = open();
    const first = away.since(1_000, 500);
    clock.advance(10);
    const second = away.since(1_010, 500);
    asked[1]?.answer(at(6));
    expect(await second).toMatchObject({ point: at(6) });
    asked[0]?.answer(at(5));
    expect(await first).toMatchObject({ point: at(6) });
  });

  it('is put forward by another question of the same moment', async () => {
    const { asked, away, know } = open();
    await know(5);
    // It was asked for at this very moment, and yet is to be renewed.
    await away.since(1_000, 0);
    expect(asked).toHaveLength(2);
    asked[1]?.answer(at(6));
    await Promise.resolve();
    expect(await away.since(1_000, 1)).toMatchObject({ point: at(6) });
  });

  it('is unknown where there is none, and where the question failed, and is asked for again', async () => {
    const { clock, asked, away, know } = open();
    const none = away.since(1_000, 500);
    asked[0]?.answer(undefined);
    expect(await none).toBeUndefined();
    const failed = away.since(1_000, 500);
    asked[1]?.fail();
    expect(await failed).toBeUndefined();
    await know(5);
    clock.advance(10);
    const gone = away.since(1_010, 500);
    asked.at(-1)?.answer(undefined);
    expect(await gone).toBeUndefined();
    expect(await away.since(1_000, 500)).toMatchObject({ point: at(5) });
  });

  it('may have been asked for at the very beginning of a clock', async () => {
    const away = new AwayPoint(async () => at(5), new ManualClock());
    expect(await away.since(0, 500)).toEqual({ point: at(5), askedAt: 0 });
  });
});
