import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

describe('the script', () => {
  it('makes ten million steps from any seed if it is told nothing', () => {
    expect(readOptions([])).toMatchObject({ what: 'steps', steps: 10_000_000 });
    expect(readOptions([])).not.toEqual(readOptions([]));
  });

  it('takes a number of steps and a seed, also after two dashes', () => {
    const asked = { what: 'steps', steps: 5, seed: 7 };
    expect(readOptions(['--steps', '5', '--seed', '7'])).toEqual(asked);
    expect(readOptions(['--', '--steps=5', '--seed=7'])).toEqual(asked);
  });

  it.each([['--faults'], ['--interleavings']])('does something else if told %s', (flag) => {
    expect(readOptions([flag])).toMatchObject({ what: flag.slice(2) });
  });

  it.each([
    [['--bad']],
    [['5']],
    [['--steps', '0']],
    [['--steps', 'many']],
    [['--seed', '-1']],
    [['--faults', '--interleavings']],
  ])('refuses %j', (argv) => {
    expect(readOptions(argv)).toEqual({ mistake: expect.any(String) });
  });
});
