import Opossum from 'opossum';
import { expect, it } from 'vitest';
import { CircuitBreaker } from '../../src/adapters/opossum/index.js';
import { CACHE_SCENES } from './scenes/caches.js';
import { CALL_SCENES } from './scenes/calls.js';
import { STATE_SCENES } from './scenes/states.js';
import { transcriptOf } from './transcript.js';

const SCENES = Object.entries({ ...STATE_SCENES, ...CALL_SCENES, ...CACHE_SCENES });

it.each(SCENES)('does as opossum does with %s', async (_, play) => {
  const expected = await transcriptOf(Opossum, play);
  const actual = await transcriptOf(CircuitBreaker, play);
  expect(actual).toEqual(expected);
  expect(actual.length).toBeGreaterThan(1);
});
