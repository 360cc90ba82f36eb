import { resolves } from '../columns/operations.ts';
import { executing, OURS_OPTIONS, withFivePolicies, withThreePolicies } from '../columns/ours.ts';
import { loadBuilt } from '../support/build.ts';
import type { Findings } from '../support/findings.ts';
import { profile } from '../support/profile.ts';
import type { Note, Settings } from '../support/settings.ts';

/** Below that share it is no news. */
const LEAST = 0.01;

/** Where the time of a call goes, for the rows that are far from their bars and the one that is not. */
export const run = async (_settings: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  const makers = {
    'breaker, count window': executing(ours, OURS_OPTIONS.count),
    'retry + breaker + timeout': withThreePolicies(ours),
    'five policies': withFivePolicies(ours),
  };
  const tables = [];
  for (const [name, maker] of Object.entries(makers)) {
    if (maker === undefined) continue;
    note(name);
    const shares = await profile(maker(resolves) as () => Promise<unknown>);
    tables.push({
      title: `Where the time of a call goes: ${name}`,
      head: ['function, without what it calls', 'share'],
      body: shares
        .filter(({ share }) => share >= LEAST)
        .map(({ place, share }) => [place, `${(100 * share).toFixed(1)} %`]),
    });
  }
  return { verdicts: [], tables };
};
