import type {
  History,
  InvalidateCall,
  Moment,
  ReadCall,
  Scope,
  SeenRow,
  SourceWrite,
} from './history.js';

/** Why an answer had to show a write. */
export type Duty =
  | { readonly by: 'token' }
  /** The call that acknowledged its invalidation. */
  | { readonly by: 'published' | 'here'; readonly invalidation: InvalidateCall };

/** An answer that lacks a write that it had to show. */
export interface StaleAnswer {
  readonly read: ReadCall;
  readonly row: SeenRow;
  readonly lacks: SourceWrite;
  readonly duty: Duty;
}

/**
 * An answer is stale if it lacks a write
 * - that is covered by the causal token of the reader (every mode),
 * - whose invalidation was acknowledged to any caller before the read began (`strict`),
 * - whose invalidation was acknowledged in this process before the read began, or to anyone more than
 *   `heartbeatMs` before it (`bounded`).
 *
 * An invalidation that could not be published is acknowledged to its own process alone. Writes that a
 * failover took back do not count. A row that the answer owes and does not have lacks every write.
 */
export const findStale = (history: History, heartbeatMs: number): StaleAnswer[] => {
  const invalidations = history.calls.filter(isAcknowledged);
  return history.calls.flatMap((call) =>
    call.kind === 'read' && call.rows !== undefined
      ? staleRows(call, call.rows, { history, invalidations, heartbeatMs })
      : [],
  );
};

interface Context {
  readonly history: History;
  readonly invalidations: readonly AcknowledgedInvalidation[];
  readonly heartbeatMs: number;
}

type AcknowledgedInvalidation = InvalidateCall & { readonly end: Moment };

const isAcknowledged = (call: History['calls'][number]): call is AcknowledgedInvalidation =>
  call.kind === 'invalidate' && call.end !== undefined && call.failure === undefined;

const staleRows = (read: ReadCall, rows: readonly SeenRow[], context: Context): StaleAnswer[] => {
  const stale: StaleAnswer[] = [];
  for (const row of withAbsent(rows, read.keys)) {
    const shown = shownBy(row, context.history);
    for (const lacks of context.history.writes.values()) {
      if (lacks.key !== row.key || lacks.rolledBack || shown.has(lacks.number)) continue;
      const duty = dutyToShow(lacks, read, context);
      if (duty !== undefined) stale.push({ read, row, lacks, duty });
    }
  }
  return stale;
};

/** A row that is not there shows no write. */
const withAbsent = (rows: readonly SeenRow[], keys: readonly string[]): readonly SeenRow[] => {
  const there = new Set(rows.map(({ key }) => key));
  const absent = keys.filter((key) => !there.has(key));
  return [...rows, ...absent.map((key) => ({ key, write: 0 }))];
};

/** The last write that an answer shows, and all that came before it. */
const shownBy = ({ write }: SeenRow, { writes }: History): ReadonlySet<number> => {
  const shown = new Set<number>();
  for (let number = write; number !== 0; number = writes.get(number)?.previous ?? 0) {
    shown.add(number);
  }
  return shown;
};

const dutyToShow = (write: SourceWrite, read: ReadCall, context: Context): Duty | undefined => {
  if (read.after !== undefined && write.time <= read.after) return { by: 'token' };
  for (const invalidation of context.invalidations) {
    const by = acknowledgedTo(read, invalidation, context.heartbeatMs);
    if (by === undefined || !concerns(invalidation.scope, read, write)) continue;
    if (isReason(write, invalidation, context.history)) return { by, invalidation };
  }
  return undefined;
};

/** Whether the reader's mode owes it to know of an invalidation. */
const acknowledgedTo = (
  { mode, process, begin }: ReadCall,
  { end, published, process: caller }: AcknowledgedInvalidation,
  heartbeatMs: number,
): 'published' | 'here' | undefined => {
  if (mode === 'eventual' || end.order >= begin.order) return undefined;
  if (caller === process) return 'here';
  if (published !== true) return undefined;
  return mode === 'strict' || end.time + heartbeatMs < begin.time ? 'published' : undefined;
};

const concerns = (scope: Scope, read: ReadCall, { key }: SourceWrite): boolean => {
  switch (scope.kind) {
    case 'collection':
      return key.startsWith(`${scope.collection}:`);
    case 'documents':
      return scope.keys.includes(key);
    case 'class':
      return scope.name === read.name;
    case 'tag':
      return read.tags.includes(scope.name);
    case 'tenant':
      return scope.name === read.tenant;
    case 'all':
      return true;
  }
};

/** Whether the invalidation was made for the write: it names it or a later one, or was made after it. */
const isReason = (
  write: SourceWrite,
  { after, begin }: InvalidateCall,
  { calls }: History,
): boolean => {
  if (after !== undefined) return write.time <= after;
  return calls.some(
    (call) =>
      call.kind === 'write' &&
      call.write === write.number &&
      call.failure === undefined &&
      call.end !== undefined &&
      call.end.order < begin.order,
  );
};
