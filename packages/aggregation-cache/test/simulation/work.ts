import { parentPort } from 'node:worker_threads';
import { runCampaign, type Tally } from './campaign.js';
import { faults } from './faults.js';
import { printOutcome } from './print-outcome.js';
import { shrink } from './shrink.js';

/** Some interleavings for one thread. */
export interface Order {
  readonly seed: number;
  readonly interleavings: number;
  /** The mistake that is planted, by its place in the list. */
  readonly fault?: number | undefined;
}

export interface Report extends Tally {
  readonly wrong?: { readonly seed: number; readonly text: string } | undefined;
}

// Errors are many here, and nobody reads where they come from.
Error.stackTraceLimit = 0;

const fulfil = async ({ fault, ...campaign }: Order): Promise<Report> => {
  const planted = fault === undefined ? {} : faults[fault]?.planted;
  const { wrong, ...tally } = await runCampaign(campaign, planted);
  if (wrong === undefined) return tally;
  const text = printOutcome(await shrink(wrong, planted));
  return { ...tally, wrong: { seed: wrong.plan.seed, text } };
};

parentPort?.on('message', (order: Order) => {
  void fulfil(order).then((report) => parentPort?.postMessage(report));
});

/** Names, so that the script need not load what it plants. */
parentPort?.postMessage(faults.map(({ name }) => name));
