import { expect, it } from 'vitest';
import { issuePaths, type SchemaIssue } from './standard-schema.js';

const pathsOf = (...paths: readonly SchemaIssue['path'][]) =>
  issuePaths(paths.map((path) => ({ message: 'the card 4111', path })));

it('names the places of faults by plain names and small indexes, and shows nothing else', () => {
  expect(
    pathsOf(
      ['cart', { key: 'items' }, 0, { key: 999_999 }],
      ['a', 1_000_000],
      ['b', -1],
      ['c', 0.5],
      ['d', Number.NaN],
      ['e', '5'],
      ['f', Symbol('4111')],
      ['g', '4111 1111'],
    ),
  ).toEqual(['cart.items.0.999999', 'a.*', 'b.*', 'c.*', 'd.*', 'e.*', 'f.*', 'g.*']);
});

it('names each place once, and the whole where a fault has no place', () => {
  expect(pathsOf(['a'], ['a'], undefined, [])).toEqual(['a', '']);
});

it('names twenty faults and twenty steps at most', () => {
  const steps = (count: number) => Array.from({ length: count }, (_, step) => step);
  expect(pathsOf(...steps(21).map((fault) => [fault]))).toEqual(steps(20).map(String));
  expect(pathsOf(steps(21))).toEqual([steps(20).join('.')]);
});
