import type { Mode, Note, ReadNote, WriteNote } from './messages.js';

export interface StaleRead {
  readonly process: number;
  readonly mode: Mode;
  readonly key: number;
  readonly saw: number;
  readonly owed: number;
  readonly by: 'token' | 'here' | 'published';
  readonly begin: number;
  readonly source: string | undefined;
}

interface Acknowledged {
  readonly at: number;
  readonly number: number;
  readonly process: number;
  readonly published: boolean;
}

/**
 * Answers that lack a write that they had to show: by the reader's token; by an invalidation that was
 * acknowledged in the reader's process before the read began, or published by anybody before it (`strict`),
 * or more than a heartbeat before it (`bounded`). Each document counts its writes, one after the other, so one
 * that shows a number shows all before it, and one that is missing from an answer shows none.
 */
export const judge = (
  notes: readonly (readonly Note[])[],
  heartbeatMs: number,
): readonly StaleRead[] => {
  const acknowledged = new Map<number, Acknowledged[]>();
  for (const [process, list] of notes.entries()) {
    for (const note of list) if (note.kind === 'write') add(acknowledged, process, note);
  }
  for (const list of acknowledged.values()) list.sort((one, other) => one.at - other.at);
  return notes.flatMap((list, process) =>
    list.flatMap((note) =>
      note.kind === 'read' ? staleIn(note, process, acknowledged, heartbeatMs) : [],
    ),
  );
};

const add = (to: Map<number, Acknowledged[]>, process: number, note: WriteNote): void => {
  const { key, number, acknowledgedAt, published } = note;
  if (acknowledgedAt === undefined) return;
  const list = to.get(key) ?? [];
  list.push({ at: acknowledgedAt, number, process, published: published === true });
  to.set(key, list);
};

const shownBy = ({ keys, seen }: ReadNote): NonNullable<ReadNote['seen']> => {
  if (seen === undefined) return [];
  const there = new Set(seen.map(([key]) => key));
  const missing = keys.filter((key) => !there.has(key));
  return [...seen, ...missing.map((key) => [key, 0] as const)];
};

const staleIn = (
  read: ReadNote,
  process: number,
  acknowledged: ReadonlyMap<number, readonly Acknowledged[]>,
  heartbeatMs: number,
): StaleRead[] =>
  shownBy(read).flatMap(([key, saw]) => {
    const stale = (owed: number, by: StaleRead['by']): StaleRead[] => {
      const { mode, begin, source } = read;
      return saw < owed ? [{ process, mode, key, saw, owed, by, begin, source }] : [];
    };
    const { token } = read;
    const byToken = token !== undefined && token[0] === key ? stale(token[1], 'token') : [];
    if (byToken.length > 0 || read.mode === 'eventual') return byToken;
    const slackMs = read.mode === 'strict' ? 0 : heartbeatMs;
    let here = 0;
    let published = 0;
    for (const { at, number, process: by, published: told } of acknowledged.get(key) ?? []) {
      if (at >= read.begin) break;
      if (by === process) here = Math.max(here, number);
      if (told && at < read.begin - slackMs) published = Math.max(published, number);
    }
    const byHere = stale(here, 'here');
    return byHere.length > 0 ? byHere : stale(published, 'published');
  });
