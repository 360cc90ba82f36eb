import { targets } from './fuzz.js';

/** One header of one scheme, filled in one way to any length. */
export interface HeaderKind {
  readonly name: string;
  readonly verify: (length: number) => string;
}

/** From what a value is made: one letter, one separator, or itself again and again. */
const fillings: Readonly<Record<string, (value: string) => string>> = {
  letters: () => 'a',
  digits: () => '9',
  blanks: () => ' ',
  commas: () => ',',
  pairs: () => 't=1,v1=ab,',
  'itself, with commas': (value) => `${value},`,
  'itself, with blanks': (value) => `${value} `,
};

/** Every header that a preset's request has, of all presets with a secret of text. */
export const headerKinds: readonly HeaderKind[] = targets.flatMap(({ verifier, right }) => {
  const headers = right.headers as Readonly<Record<string, string>>;
  const names = [...new Set([...Object.keys(headers), 'content-encoding'])];
  return names.flatMap((header) =>
    Object.entries(fillings).map(([filling, pieceOf]): HeaderKind => {
      const piece = pieceOf(headers[header] ?? 'identity');
      return {
        name: `${verifier.scheme.name}: ${header} of ${filling}`,
        verify: (length) => {
          const value = piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
          const request = { ...right, headers: { ...headers, [header]: value } };
          return verifier.verifySync(request as never).verdict;
        },
      };
    }),
  );
});

export const LENGTHS: readonly number[] = Object.freeze([1_024, 8_192, 65_536, 262_144, 1_048_576]);

/** No line is needed to tell that this is too long. */
const hopelessMs = 1_000;

/** How the time grows with the length: 1 where it doubles with it. */
export function exponentOf(kind: HeaderKind, lengths: readonly number[] = LENGTHS): number {
  const times: number[] = [];
  for (const length of lengths) {
    const time = shortestMs(() => kind.verify(length));
    if (time > hopelessMs) return Infinity;
    times.push(time);
  }
  return slope(
    lengths.map((length) => Math.log(length)),
    times.map((time) => Math.log(time)),
  );
}

/** Of several runs: pauses of the machine only ever add. */
function shortestMs(run: () => unknown): number {
  let shortest = Infinity;
  for (let round = 0; round < 5; round += 1) {
    const before = performance.now();
    run();
    shortest = Math.min(shortest, performance.now() - before);
    if (shortest > hopelessMs) return shortest;
  }
  return Math.max(shortest, 0.001);
}

/** Of the line through the points that is nearest to all (least squares). */
function slope(xs: readonly number[], ys: readonly number[]): number {
  const meanX = mean(xs);
  const meanY = mean(ys);
  const offsets = xs.map((x) => x - meanX);
  const rise = offsets.reduce((sum, dx, place) => sum + dx * ((ys[place] as number) - meanY), 0);
  return rise / offsets.reduce((sum, dx) => sum + dx * dx, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
