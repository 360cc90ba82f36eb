import type { Findings } from '@nestcms/bench/findings';
import { profileTable } from '@nestcms/bench/profile';
import type { Note, Settings } from '@nestcms/bench/settings';
import { contractDetails, openEngine, rowsOf } from '../support/engine.ts';

/** Where the time of a hit goes. */
export const run = async (_: Settings, note: Note): Promise<Findings> => {
  const { engine } = await openEngine({ load: async () => rowsOf(1) });
  const details = await contractDetails();
  const query = await engine.prepare(details, { id: 7 }, undefined);
  note('prepared query');
  const prepared = await profileTable('hit of a prepared query', () => query.read());
  note('read');
  const read = await profileTable('hit of a read', () => engine.read(details, { id: 7 }, {}));
  return { verdicts: [], tables: [prepared, read] };
};
