import { expect, it } from 'vitest';
import { fuzzOne, randomFrom } from './fuzz/fuzz.js';

it('a hundred thousand requests, more or less right ones, throw nothing', () => {
  const next = randomFrom(20_261_127);
  const verdicts = new Set<string>();
  for (let done = 0; done < 100_000; done += 1) verdicts.add(fuzzOne(next).verdict);
  expect(verdicts).toEqual(new Set(['accepted', 'refused']));
});
