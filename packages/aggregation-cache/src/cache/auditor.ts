import type { Clock, Random } from '@nestcms/circuit-breaker';
import type { Source } from '../ports/source.js';
import { reaches } from '../validity/causal-token.js';
import type { GenerationTable, Ticket } from '../validity/generation-table.js';
import type { EventSink, ReadSource } from './events.js';
import type { Loaded } from './loaded.js';
import type { PreparedRead } from './prepare-read.js';
import type { RemoteParts } from './verifier.js';

/** Milliseconds. The server keeps moments for about five minutes; a little less, so that none is asked for in vain. */
const OLDEST_MS = 240_000;
/** What a process is given beyond a heartbeat to hear of an invalidation. */
const GRACE_MS = 500;

export interface AuditorParts {
  readonly source: Source;
  readonly table: GenerationTable;
  readonly remote: Pick<RemoteParts, 'tier' | 'watch'> | undefined;
  readonly heartbeatMs: number;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly random: Random;
}

/** How a kept answer was wrong. */
export type AuditDifference =
  /** The database had other rows at the moment that the answer claims to be of. */
  | 'rows'
  /** It is of a moment before an invalidation that it should have seen. */
  | 'olderThanInvalidation'
  /** Something it depends on was invalidated, and this process did not hear of it within a heartbeat. */
  | 'missedInvalidation';

/**
 * Reads one kept answer in so many again, at the very moment that it claims to be of, and looks whether it was
 * still to be answered. Rows of audited classes are read at exact moments, so any difference is a fault: of this
 * package, of the remote store, or of a pipeline that answers differently each time.
 */
export class Auditor {
  readonly #parts: AuditorParts;
  #isBusy = false;

  constructor(parts: AuditorParts) {
    this.#parts = parts;
  }

  /** Perhaps audits a hit, in the background, one at a time. */
  hit(read: PreparedRead<unknown>, loaded: Loaded): void {
    const { auditRate } = read.pipelineClass;
    const { random, clock, table } = this.#parts;
    if (auditRate === 0 || this.#isBusy || loaded.asOf === undefined) return;
    if (random() * auditRate >= 1 || clock.now() - loaded.loadedAt > OLDEST_MS) return;
    this.#isBusy = true;
    const ticket = table.ticket(read.dependencies);
    this.#audit(read, loaded, ticket)
      .then(
        (difference) => this.#tell(read, loaded, difference),
        // Nobody could be asked: no answer is no difference.
        () => {},
      )
      .finally(() => {
        this.#isBusy = false;
      });
  }

  async #audit(
    read: PreparedRead<unknown>,
    loaded: Loaded,
    ticket: Ticket,
  ): Promise<AuditDifference | undefined> {
    if (!(await this.#sameRows(read, loaded))) return 'rows';
    return this.#wasOwed(read, loaded, ticket);
  }

  /** Byte for byte. */
  async #sameRows(read: PreparedRead<unknown>, loaded: Loaded): Promise<boolean> {
    const { pipelineClass, operation } = read;
    const { asOf: moment } = loaded;
    const answer = await this.#parts.source.fetch({ pipelineClass, operation, moment });
    return loaded.isOf?.(answer.rows) !== false;
  }

  /** Whether the store had another generation, or a time that the answer had to reach. */
  async #wasOwed(
    read: PreparedRead<unknown>,
    { asOf }: Loaded,
    ticket: Ticket,
  ): Promise<AuditDifference | undefined> {
    const { remote, clock, heartbeatMs } = this.#parts;
    if (remote === undefined || read.pipelineClass.mode === 'eventual') return undefined;
    const askedAt = clock.now();
    const generations = await remote.tier.generations(read.dependencies);
    if (generations === undefined || !ticket.isCurrent()) return undefined;
    const differs = () => ticket.slots.some(({ id }, index) => id !== generations[index]?.id);
    if (!differs()) {
      const isOlder = generations.some(({ after }) => !reaches(asOf, after?.operationTime));
      return isOlder ? 'olderThanInvalidation' : undefined;
    }
    // The message may be on its way: a heartbeat later this process has to know.
    await new Promise<void>((resolve) => {
      clock.setTimer(resolve, heartbeatMs + GRACE_MS, { background: true });
    });
    // A process that could not compare since claims nothing either.
    const claimsToKnow = remote.watch.comparedAt > askedAt;
    return claimsToKnow && ticket.isCurrent() && differs() ? 'missedInvalidation' : undefined;
  }

  #tell(
    read: PreparedRead<unknown>,
    { asOf, loadedAt, member, source, costMs, stale }: Loaded,
    difference: AuditDifference | undefined,
  ): void {
    const { events, clock } = this.#parts;
    const about = { pipelineClass: read.pipelineClass.name, key: read.key };
    if (difference === undefined) {
      events.emit('audited', about);
      return;
    }
    const { dependencies } = read;
    const ageMs = clock.now() - loadedAt;
    const from: ReadSource = source;
    events.emit('auditFailed', {
      ...about,
      difference,
      source: from,
      member,
      asOf,
      ageMs,
      costMs,
      stale,
      mode: read.pipelineClass.mode,
      dependencies,
    });
  }
}
