/** A number from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** The machine's own; not for secrets. */
// oxlint-disable-next-line no-restricted-properties -- the one place where it comes from
export const systemRandom: Random = () => Math.random();
