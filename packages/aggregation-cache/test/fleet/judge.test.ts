import { describe, expect, it } from 'vitest';
import { judge } from './judge.js';
import type { Mode, Note } from './messages.js';

const HEARTBEAT_MS = 1_000;
const wrote = (number: number, acknowledgedAt: number, published = true): Note => ({
  kind: 'write',
  key: 1,
  number,
  acknowledgedAt,
  published,
});
const read = (mode: Mode, begin: number, saw: number | 'nothing', token?: number): Note => ({
  kind: 'read',
  mode,
  keys: [1],
  begin,
  end: begin + 5,
  seen: saw === 'nothing' ? [] : [[1, saw]],
  ...(token !== undefined && { token: [1, token] as const }),
});
const owed = (...notes: Note[][]) => judge(notes, HEARTBEAT_MS).map(({ owed, by }) => [owed, by]);

describe('an answer that lacks an acknowledged write', () => {
  it('is stale at once in strict mode, and after a heartbeat in bounded mode', () => {
    expect(owed([wrote(2, 100)], [read('strict', 101, 1)])).toEqual([[2, 'published']]);
    expect(owed([wrote(2, 100)], [read('bounded', 101, 1)])).toEqual([]);
    expect(owed([wrote(2, 100)], [read('bounded', 1_101, 1)])).toEqual([[2, 'published']]);
    expect(owed([wrote(2, 100)], [read('eventual', 9_000, 1)])).toEqual([]);
  });

  it('is stale at once in the process that invalidated', () => {
    expect(owed([wrote(2, 100), read('bounded', 101, 1)])).toEqual([[2, 'here']]);
    expect(owed([wrote(2, 100, false), read('bounded', 101, 1)])).toEqual([[2, 'here']]);
  });

  it('is not, if the read began before, or the others were not told', () => {
    expect(owed([wrote(2, 100)], [read('strict', 100, 1)])).toEqual([]);
    expect(owed([wrote(2, 100, false)], [read('strict', 5_000, 1)])).toEqual([]);
    expect(owed([wrote(2, 100)], [read('strict', 101, 3)])).toEqual([]);
  });

  it('is stale too if it lacks the document altogether', () => {
    expect(owed([wrote(2, 100)], [read('strict', 101, 'nothing')])).toEqual([[2, 'published']]);
    expect(owed([read('eventual', 5, 'nothing', 2)])).toEqual([[2, 'token']]);
  });

  it('is stale in every mode for a reader that presents it', () => {
    expect(owed([read('eventual', 5, 1, 2)])).toEqual([[2, 'token']]);
    expect(owed([read('eventual', 5, 2, 2)])).toEqual([]);
  });
});
