import type { Clock } from '@nestcms/circuit-breaker';
import { byteLength } from '../memory/memory-tier.js';
import type { Generation } from '../ports/remote-store.js';
import type { ServedBy, Source, SourceRequest } from '../ports/source.js';
import { type Tracer, traced } from '../ports/tracer.js';
import type { RemoteAnswer } from '../remote/remote-tier.js';
import { decodeRows, type RowTypes } from '../rows/decode-rows.js';
import { freezeDeep } from '../rows/freeze-deep.js';
import { type CausalToken, later, reaches } from '../validity/causal-token.js';
import type { GenerationTable, Ticket } from '../validity/generation-table.js';
import type { EventSink } from './events.js';
import { encodeFailure, isShared, RecentFailures } from './failures.js';
import type { FleetTurns, FoundTurn, Turn } from './fleet-turns.js';
import type { FlightControl } from './flights.js';
import type { Keeper } from './keeper.js';
import type { Loaded } from './loaded.js';
import type { PreparedRead } from './prepare-read.js';
import { memberAttributes } from './read-attributes.js';
import { type SlowQueries, watched } from './slow-queries.js';

/** What a load is to be made under. */
export interface FillOrder {
  /** The rows must be no older than this, beside what their dependencies ask for. */
  readonly after: CausalToken | undefined;
  /** The generations that the remote store named; absent if it was not asked. */
  readonly standing: readonly Generation[] | undefined;
  readonly verifiedAt: number;
  /** Whether it is known how new the rows have to be. */
  readonly isVerified: boolean;
  /** Whether what another process stored meanwhile may answer this one. */
  readonly isAnswer: (answer: RemoteAnswer) => boolean;
  /** What another process stored meanwhile, as an answer; undefined if it is none after all. */
  readonly accept: (found: FoundTurn) => Promise<Loaded | undefined>;
}

/** Rows under way. */
export interface StreamedFill {
  readonly member: ServedBy;
  readonly batches: AsyncIterable<readonly unknown[]>;
}

/** The rows of a stream so far, to be kept. */
interface Gathered {
  readonly raw: Uint8Array[];
  readonly rows: unknown[];
}

export interface FillerParts {
  readonly source: Source;
  readonly table: GenerationTable;
  readonly remote: { readonly turns: FleetTurns } | undefined;
  readonly keeper: Keeper;
  readonly rowTypes: RowTypes;
  readonly events: EventSink;
  /** Absent: nobody asks why a load was slow. */
  readonly slow: SlowQueries | undefined;
  readonly tracer?: Tracer | undefined;
  readonly clock: Clock;
}

/** Asks the database, once for the fleet, and has the answer kept. */
export class Filler {
  readonly #parts: FillerParts;
  readonly #failures: RecentFailures;

  constructor(parts: FillerParts) {
    this.#parts = parts;
    this.#failures = new RecentFailures(parts.clock);
  }

  async fill(
    read: PreparedRead<unknown>,
    order: FillOrder,
    control: FlightControl,
  ): Promise<Loaded> {
    const after = order.after?.operationTime;
    this.#failFast(read, this.#failures.get(read.localKey, after), 'here');
    const turn = await this.#turn(read, order);
    if (turn.kind === 'failed') this.#failFast(read, turn.error, 'elsewhere');
    if (turn.kind === 'found') {
      const found = await order.accept(turn);
      if (found !== undefined) return found;
    }
    const lease = turn.kind === 'mine' ? turn.lease : undefined;
    const { table } = this.#parts;
    const ticket = table.ticket(read.dependencies);
    // However many others are under way, what this one depends on is not forgotten meanwhile.
    const held = table.hold(ticket);
    try {
      return await this.#ask(read, order, control, { ticket, lease });
    } catch (error) {
      const { negativeMs } = read.pipelineClass;
      const failure =
        isShared(error) && negativeMs > 0
          ? { bytes: encodeFailure(error), ttlMs: negativeMs }
          : undefined;
      if (isShared(error)) {
        this.#failures.note(read.localKey, error, { forMs: negativeMs, ticket, after });
      }
      this.#parts.keeper.letGo({ lease }, failure);
      throw error;
    } finally {
      table.release(held);
      if (turn.kind === 'mine') turn.end();
    }
  }

  /**
   * The rows as they come, decoded; what was gathered is kept once all are there. Nobody shares it, and
   * nobody waits for it.
   */
  async stream(
    read: PreparedRead<unknown>,
    order: Omit<FillOrder, 'accept' | 'isAnswer'> & { readonly signal?: AbortSignal | undefined },
    maxEntryBytes: number,
  ): Promise<StreamedFill> {
    const { table, source, slow, clock, rowTypes, keeper, events } = this.#parts;
    const loadedAt = clock.now();
    const ticket = table.ticket(read.dependencies);
    const wanted = later(order.after, ticket.after());
    // Nobody shares it, so whoever gives up ends it.
    const request = { ...this.#requestFor(read, wanted), signal: order.signal };
    const stream = await traced(this.#parts.tracer, 'member', {
      work: () => {
        return watched(slow, { key: read.key, request }, async () => {
          if (source.fetchStream === undefined) throw new TypeError('This source streams nothing.');
          return source.fetchStream(request);
        });
      },
      tell: ({ member }) => memberAttributes(member),
    });
    if (!stream.storable) await this.#distrust(ticket, wanted);
    const { storable } = stream;
    const asOf = read.pipelineClass.auditRate > 0 ? stream.moment : stream.asOf;
    const member = freezeDeep(stream.member);
    const finish = (gathered: Gathered | undefined, counts: { rows: number; bytes: number }) => {
      const { pipelineClass, key, uncacheable } = read;
      const tookMs = clock.now() - loadedAt;
      events.emit('filled', { pipelineClass: pipelineClass.name, key, member, ...counts, tookMs });
      if (gathered === undefined) {
        keeper.notStored(read, uncacheable === undefined ? 'tooLarge' : 'uncacheable');
        return;
      }
      const { raw, rows } = gathered;
      const answer = { rows: raw, member, asOf, storable: storable && order.isVerified };
      const { standing, verifiedAt } = order;
      const made = { ticket, loadedAt, verifiedAt, standing, lease: undefined };
      keeper.keep(read, { answer, rows: Object.freeze(rows), ...made });
    };
    async function* decoded(): AsyncGenerator<readonly unknown[], void, void> {
      // What cannot be kept is not held on to.
      let gathered: Gathered | undefined =
        read.uncacheable === undefined ? { raw: [], rows: [] } : undefined;
      let bytes = 0;
      let count = 0;
      for await (const batch of stream.batches) {
        const rows = await decodeRows(batch, rowTypes, read.pipelineClass, count);
        count += rows.length;
        bytes += byteLength(batch);
        if (bytes > maxEntryBytes) gathered = undefined;
        // One by one: as arguments, the rows of a large batch are more than a call can take.
        for (const row of batch) gathered?.raw.push(row);
        for (const row of rows) gathered?.rows.push(row);
        yield rows;
      }
      finish(gathered, { rows: count, bytes });
    }
    return { member, batches: decoded() };
  }

  /**
   * Not even the primary knew the time. Where it is of a dependency and not of the caller, what the database has
   * reached now takes its place; until that can be had, nothing does.
   */
  async #distrust(ticket: Ticket, unknown: CausalToken | undefined): Promise<void> {
    const { table, source } = this.#parts;
    const after = ticket.after();
    if (unknown === undefined || !after?.operationTime.equals(unknown.operationTime)) return;
    const asked = table.ticket(ticket.dependencies());
    const reached = source.knowsTimes ? await source.currentPoint() : undefined;
    if (reached !== undefined || !source.knowsTimes) table.distrust(asked, unknown, reached);
  }

  #requestFor(read: PreparedRead<unknown>, after: CausalToken | undefined): SourceRequest {
    const { pipelineClass, operation } = read;
    const moment = pipelineClass.auditRate > 0 ? 'any' : undefined;
    return { pipelineClass, operation, after, moment };
  }

  async #turn(
    read: PreparedRead<unknown>,
    { standing, isAnswer, after }: FillOrder,
  ): Promise<Turn> {
    const { remote } = this.#parts;
    if (remote === undefined || standing === undefined) return { kind: 'alone' };
    // Whoever loads it now may not have seen what this reader has.
    const seen = standing.reduce<CausalToken | undefined>(
      (at, one) => later(at, one.after),
      undefined,
    );
    if (!reaches(seen?.operationTime, after?.operationTime)) return { kind: 'alone' };
    const { maxTimeMs } = read.pipelineClass;
    return traced(this.#parts.tracer, 'lease', {
      work: () => remote.turns.take(read, standing, maxTimeMs, isAnswer),
      tell: ({ kind }) => ({ turn: kind }),
    });
  }

  #failFast(
    { pipelineClass, key }: PreparedRead<unknown>,
    error: Error | undefined,
    by: 'here' | 'elsewhere',
  ): void {
    if (error === undefined) return;
    this.#parts.events.emit('failedFast', { pipelineClass: pipelineClass.name, key, by });
    throw error;
  }

  async #ask(
    read: PreparedRead<unknown>,
    order: FillOrder,
    control: FlightControl,
    { ticket, lease }: Pick<Parameters<Keeper['keep']>[1], 'ticket' | 'lease'>,
  ): Promise<Loaded> {
    const { source, slow, clock, rowTypes, keeper, events } = this.#parts;
    const loadedAt = clock.now();
    // Of what was invalidated elsewhere since it was found out how new the rows have to be, they may lack the write.
    control.restamp(ticket, order.verifiedAt);
    const wanted = later(order.after, ticket.after());
    const request = this.#requestFor(read, wanted);
    const fetched = await traced(this.#parts.tracer, 'member', {
      work: () => watched(slow, { key: read.key, request }, () => source.fetch(request)),
      tell: ({ member }) => memberAttributes(member),
    });
    if (!fetched.storable) await this.#distrust(ticket, wanted);
    const { moment, asOf } = fetched;
    const answer = {
      ...fetched,
      // What an audited class claims is read again: it must be the very moment.
      asOf: read.pipelineClass.auditRate > 0 ? moment : asOf,
      storable: fetched.storable && order.isVerified,
    };
    const rows = await decodeRows(answer.rows, rowTypes, read.pipelineClass);
    const member = freezeDeep(answer.member);
    const costMs = clock.now() - loadedAt;
    events.emit('filled', {
      pipelineClass: read.pipelineClass.name,
      key: read.key,
      member,
      rows: rows.length,
      bytes: byteLength(answer.rows),
      tookMs: costMs,
    });
    const { standing, verifiedAt } = order;
    keeper.keep(read, { answer, rows, ticket, loadedAt, verifiedAt, standing, lease });
    return { rows, source: 'member', loadedAt, member, asOf: answer.asOf, costMs, stale: false };
  }
}
