import type { Findings, Table } from '@nestcms/bench/findings';
import { profileTable } from '@nestcms/bench/profile';
import type { Note, Settings } from '@nestcms/bench/settings';
import { resolves } from '../columns/operations.ts';
import { executing, OURS_OPTIONS, withFivePolicies, withThreePolicies } from '../columns/ours.ts';
import { loadBuilt } from '../support/build.ts';

/** Where the time of a call goes, for the rows that are far from their bars and the one that is not. */
export const run = async (_settings: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  const makers = {
    'breaker, count window': executing(ours, OURS_OPTIONS.count),
    'retry + breaker + timeout': withThreePolicies(ours),
    'five policies': withFivePolicies(ours),
  };
  const tables: Table[] = [];
  for (const [name, maker] of Object.entries(makers)) {
    if (maker === undefined) continue;
    note(name);
    tables.push(await profileTable(name, maker(resolves)));
  }
  return { verdicts: [], tables };
};
