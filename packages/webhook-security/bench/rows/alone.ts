import { shareTable } from '@nestcms/bench/figures';
import type { Findings } from '@nestcms/bench/findings';
import { inChild } from '@nestcms/bench/in-child';
import type { Note, Settings } from '@nestcms/bench/settings';
import { sideBySide } from '@nestcms/bench/side-by-side';
import type { Share } from '@nestcms/bench/slices';
import { ourCheckers } from '../columns/ours.ts';
import { ONE_KB } from '../support/bodies.ts';
import { loadBuilt } from '../support/build.ts';
import { measureChecks } from '../support/measure-checks.ts';

/** Our columns of `checks`, each in a process that checks nothing else. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const names = ourCheckers(await loadBuilt()).map(({ name }) => name);
  const shares = await sideBySide(names, 1, (name) => {
    note(name);
    const settings = { name, rounds };
    return inChild<Share>({ url: import.meta.url, name: 'shareOf', settings }, { note });
  });
  const title = 'Whole checks at 1 KB, each in a process of its own, x the bare HMAC';
  return { verdicts: [], tables: [shareTable(title, shares)] };
};

export const shareOf = async (
  { name, rounds }: { readonly name: string; readonly rounds: number },
  note: Note,
): Promise<Share> => {
  const checkers = ourCheckers(await loadBuilt()).filter((checker) => checker.name === name);
  const [share] = await measureChecks(checkers, ONE_KB, { rounds, note });
  if (share === undefined) throw new Error(`No column '${name}'.`);
  return share;
};
