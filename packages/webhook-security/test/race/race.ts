import { bundle } from '@nestcms/scripts/bundle';
import { createMemoryReplayStore, systemClock } from '../../src/index.js';
import { verifierWith } from '../requests.js';
import { startChild } from '../support/child-process.js';
import { faultOf, type RoundCounts, roundOf, sendCopies } from './round.js';

export interface RaceOptions {
  readonly rounds: number;
  /** Of one delivery, in each round. */
  readonly copies: number;
  /** Called after each round. */
  readonly onRound?: (fault: string | undefined) => void;
}

/** Rounds in one process, in memory, through the whole verifier. Gives what went wrong. */
export async function raceInMemory({ rounds, copies, onRound }: RaceOptions): Promise<string[]> {
  const store = createMemoryReplayStore();
  const verifier = verifierWith({ clock: systemClock, replay: { store } });
  return runRounds(rounds, onRound, async (round) => {
    const counts = await sendCopies(verifier, roundOf(round, copies), true);
    return faultOf(round, copies, [counts]);
  });
}

export interface ProcessRaceOptions extends RaceOptions {
  readonly kind: 'redis' | 'mongodb';
  readonly address: string;
  /** A key prefix or a database of the race alone. */
  readonly name: string;
  readonly processes: number;
}

/**
 * Rounds in which real processes share the copies. Nobody begins a round before all have ended the one
 * before, so that they meet.
 */
export async function raceOfProcesses(options: ProcessRaceOptions): Promise<string[]> {
  const { kind, address, name, processes, rounds, copies, onRound } = options;
  const bundled = await bundle(new URL('racer.ts', import.meta.url));
  const racers = Array.from({ length: processes }, (_, index) => ({
    process: startChild<RoundCounts>(bundled.path, [kind, address, name]),
    copies: Math.floor(copies / processes) + (index < copies % processes ? 1 : 0),
  }));
  const hearAll = () => Promise.all(racers.map(({ process }) => process.hear()));
  try {
    await hearAll();
    return await runRounds(rounds, onRound, async (round) => {
      for (const racer of racers) {
        racer.process.tell(roundOf(round, racer.copies));
      }
      return faultOf(round, copies, await hearAll());
    });
  } finally {
    await Promise.all(racers.map(({ process }) => process.kill()));
    await bundled.remove();
  }
}

async function runRounds(
  rounds: number,
  onRound: RaceOptions['onRound'],
  run: (round: number) => Promise<string | undefined>,
): Promise<string[]> {
  const faults: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const fault = await run(round);
    if (fault !== undefined) faults.push(fault);
    onRound?.(fault);
  }
  return faults;
}
