import type { Figure } from './compare.ts';
import { amount, judge, type Table, type Verdict } from './findings.ts';
import type { Share } from './slices.ts';

/** All figures of a comparison. */
export const figureTable = (title: string, figures: readonly Figure[]): Table => ({
  title,
  head: ['column', 'x bare', 'lowest - highest', 'ns', 'ns over bare'],
  body: figures.map(({ name, ratio, lowest, highest, ns, extraNs }) => [
    name,
    times(ratio),
    `${times(lowest)} - ${times(highest)}`,
    amount(ns),
    amount(extraNs),
  ]),
});

/** All shares of a floor. */
export const shareTable = (title: string, shares: readonly Share[]): Table => ({
  title,
  head: ['column', 'x floor', 'half of the rounds', 'ns'],
  body: shares.map((share) => [
    share.name,
    times(share.ratio),
    middleHalf(share),
    amount(share.ns),
  ]),
});

export const middleHalf = ({ lower, upper }: Share): string => `${times(lower)} - ${times(upper)}`;

/** A ratio: two decimals as long as they matter. */
export const times = (ratio: number): string => (ratio < 100 ? ratio.toFixed(2) : amount(ratio));

export const figureNamed = <Named extends { readonly name: string }>(
  figures: readonly Named[],
  name: string,
): Named => {
  const figure = figures.find((each) => each.name === name);
  if (figure === undefined) throw new Error(`No column '${name}'.`);
  return figure;
};

const NO_PEERS = ['bare', 'floor', 'ours'];
export const isPeer = ({ name }: { readonly name: string }): boolean =>
  !NO_PEERS.some((start) => name.startsWith(start));

/** The peer that costs least. */
export const bestPeer = (figures: readonly Figure[]): Figure | undefined =>
  figures.filter(isPeer).toSorted((a, b) => a.ratio - b.ratio)[0];

/** Which column a row is about. */
export interface RatioRow {
  readonly row: string;
  readonly column: string;
  /** The most times bare it may take. */
  readonly most?: number;
  /** Name of the column that is its floor. */
  readonly floor?: string;
}

/** Judges rows whose figure is a ratio to bare. */
export const ratioVerdicts = (rows: readonly RatioRow[], figures: readonly Figure[]): Verdict[] => {
  const rival = bestPeer(figures);
  return rows.map(({ row, column, most, floor }) => {
    const { ratio } = figureNamed(figures, column);
    return {
      row,
      figure: `${times(ratio)}x`,
      ...(most === undefined ? { bar: '', met: undefined } : judge(ratio, { most, unit: 'x' })),
      rival: rival && `${times(rival.ratio)}x ${rival.name}`,
      floor: floor && `${times(figureNamed(figures, floor).ratio)}x`,
    };
  });
};
