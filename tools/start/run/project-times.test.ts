import { expect, it } from 'vitest';
import { describeTimes, TimeShares } from './project-times.ts';

it('divides each moment among the files that run, and adds up to the whole', () => {
  let now = 1_000;
  const shares = new TimeShares(() => now);
  const pass = (seconds: number) => {
    now += seconds * 1_000;
  };
  shares.begin('a');
  pass(10); // a alone
  shares.begin('b');
  pass(10); // half each
  shares.begin('b');
  pass(3); // one third, two thirds
  shares.end('a');
  shares.end('b');
  pass(5); // b alone
  shares.end('b');
  pass(100); // nothing runs
  shares.begin('c');
  shares.end('c');
  const times = Object.fromEntries(shares.list.map(({ name, seconds }) => [name, seconds]));
  expect(times).toEqual({ a: 16, b: 12, c: 0 });
});

it('tells each project with its budget, the longest first, and which are far beyond', () => {
  const { lines, farBeyond } = describeTimes([
    { name: 'circuit-breaker', seconds: 30.4 },
    { name: 'checks', seconds: 105 },
    { name: 'start', seconds: 500 },
    { name: 'paytabs-client', seconds: 361 },
  ]);
  expect(lines).toEqual([
    '⏱ start            500 s',
    '⏱ paytabs-client   361 s of 120, over its budget',
    '⏱ checks           105 s of 90, over its budget',
    '⏱ circuit-breaker   30 s of 60',
  ]);
  expect(farBeyond).toEqual(['The tests of paytabs-client took 361 s, far beyond their 120 s.']);
});
