import { createHash } from 'node:crypto';

/** A share, 0 to 1, that is the same for the same words: what happens to a payment depends on the seed, not on who came first. */
export const shareOf = (...words: readonly (string | number)[]): number =>
  createHash('sha256').update(words.join('|')).digest().readUInt32BE(0) / 2 ** 32;

/** What a share falls on, of choices with their weights; undefined beyond their sum. */
export function choose<Choice>(
  share: number,
  choices: readonly (readonly [weight: number, choice: Choice])[],
): Choice | undefined {
  let left = share;
  for (const [weight, choice] of choices) {
    if (left < weight) return choice;
    left -= weight;
  }
  return undefined;
}
