import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.mjs';
import { isKnown, KNOWN_FAILURE } from './expected.mjs';
import { readTap } from './tap.mjs';

const FROM = resolve('/home/someone');

describe('the arguments', () => {
  it.each([[['opossum']], [['--', 'opossum']]])('%j are a folder, seen from the caller', (argv) => {
    expect(readArguments(argv, FROM)).toEqual({ help: false, directory: resolve(FROM, 'opossum') });
  });

  it.each([
    [['--fast', 'opossum'], '--fast'],
    [['opossum', '--', '--fast'], '--fast'],
    [[], 'DIR is missing.'],
    [['one', 'two'], "'two' is too much"],
  ])('%j are a mistake', (argv, text) => {
    expect(readArguments(argv, FROM)).toEqual({ mistake: expect.stringContaining(text) });
  });
});

describe('what tape prints', () => {
  const PRINTED = ['TAP version 13', '# one', 'ok 1 fine', '# two', 'not ok 2 should be 1', 'ok 3'];

  it('is counted, and each failure named', () => {
    expect(readTap([...PRINTED, '', '1..3', '# tests 3', '# fail  1'].join('\n'))).toEqual({
      passed: 2,
      failures: [{ test: 'two', assertion: 'should be 1' }],
      isComplete: true,
    });
  });

  it.each([[PRINTED], [[...PRINTED, '1..4']]])('is not complete in %j', (lines) => {
    expect(readTap(lines.join('\n')).isComplete).toBe(false);
  });
});

it('knows one assertion, of one test, in one file', () => {
  const { file, test, assertion } = KNOWN_FAILURE;
  expect(isKnown({ file, test, assertion })).toBe(true);
  for (const change of [{ file: 'test.js' }, { test: 'other' }, { assertion: 'other' }]) {
    expect(isKnown({ file, test, assertion, ...change })).toBe(false);
  }
});
