import type { Clock, Random } from '@nestcms/circuit-breaker';
import { isAggregationCacheError } from '../errors.js';
import type { MemoryEntry } from '../memory/memory-entry.js';
import type { Keeping, MemoryTier } from '../memory/memory-tier.js';
import type { Generation } from '../ports/remote-store.js';
import type { RemoteAnswer } from '../remote/remote-tier.js';
import { decodeRows, isPlainlyDecoded, type RowTypes } from '../rows/decode-rows.js';
import { type CausalToken, later, reaches } from '../validity/causal-token.js';
import type { GenerationTable, Ticket } from '../validity/generation-table.js';
import type { EventSink } from './events.js';
import type { Filler, StreamedFill } from './filler.js';
import type { FoundTurn } from './fleet-turns.js';
import { type FlightControl, Flights } from './flights.js';
import { isRight } from './is-right.js';
import { bytesToKeep } from './keeper.js';
import type { Loaded } from './loaded.js';
import { loadedFrom } from './loaded.js';
import type { PreparedRead } from './prepare-read.js';
import { type Fallback, StandIns } from './stand-ins.js';
import type { RemoteParts, Verified, Verifier } from './verifier.js';

export interface LoaderParts {
  readonly memory: MemoryTier;
  readonly table: GenerationTable;
  /** Absent without a remote store. */
  readonly remote: RemoteParts | undefined;
  readonly verifier: Verifier;
  readonly filler: Filler;
  readonly rowTypes: RowTypes;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly random: Random;
}

/** What is wanted of a load. */
export interface LoadOrder {
  readonly after: CausalToken | undefined;
  /** What is kept must not be used, nor anything be kept: nobody can say what changed. */
  readonly blind?: boolean;
  /** Only rows that stay fresh for longer than these will do: what is kept is being refreshed. */
  readonly fresherThan?: number | undefined;
}

/** What the tiers have: an answer, or what may stand in for one. */
interface Kept {
  readonly fresh?: Loaded | undefined;
  readonly fallback?: Fallback | undefined;
}

/** Answers what memory could not at once: from what the remote store confirms or has, else from the database. */
export class Loader {
  readonly #parts: LoaderParts;
  readonly #fills = new Flights<Loaded>();
  readonly #standIns: StandIns;

  constructor(parts: LoaderParts) {
    this.#parts = parts;
    this.#standIns = new StandIns(parts);
  }

  async load(
    read: PreparedRead<unknown>,
    order: LoadOrder,
    control: FlightControl,
  ): Promise<Loaded> {
    const { after } = order;
    if (read.uncacheable !== undefined) return this.#fillAlone(read, after, control);
    if (order.blind) return this.#loadBlind(read, after, control);
    const verified = await this.#parts.verifier.verify(read);
    if (verified.kind !== 'asked') return this.#withoutStore(read, order, control, verified);
    const { askedAt, answer, ticket } = verified;
    control.restamp(ticket, askedAt);
    const found = this.#kept(read, order, answer, ticket, askedAt);
    const kept = found instanceof Promise ? await found : found;
    if (kept.fresh !== undefined) return kept.fresh;
    const fill = this.#fill(read, control, {
      after,
      standing: answer.generations,
      isVerified: true,
      verifiedAt: askedAt,
      fresherThan: order.fresherThan,
    });
    return this.#orStandIn(read, order, fill, kept.fallback);
  }

  /** What is kept, or else the rows as they come from the database. */
  async stream(
    read: PreparedRead<unknown>,
    { after, blind = false, signal }: LoadOrder & { readonly signal?: AbortSignal | undefined },
    maxEntryBytes: number,
  ): Promise<{ readonly kept: Loaded } | StreamedFill> {
    const { verifier, filler } = this.#parts;
    const verified = blind ? await verifier.verifyAlone(read) : await verifier.verify(read);
    if (verified.kind === 'asked') {
      const { askedAt, answer, ticket } = verified;
      const { fresh } = await this.#kept(read, { after }, answer, ticket, askedAt);
      if (fresh !== undefined) return { kept: fresh };
      const { generations: standing } = answer;
      const order = { after, signal, standing, verifiedAt: askedAt, isVerified: true };
      return filler.stream(read, order, maxEntryBytes);
    }
    const { point, verifiedAt } = verified;
    const wanted = { after: later(after, point), signal, standing: undefined, verifiedAt };
    const order = { ...wanted, isVerified: !blind };
    return filler.stream(read, order, maxEntryBytes);
  }

  /** The remote store did not answer: what this process knows has to do. */
  #withoutStore(
    read: PreparedRead<unknown>,
    order: LoadOrder,
    control: FlightControl,
    { point, notBefore, verifiedAt }: Extract<Verified, { kind: 'known' }>,
  ): Promise<Loaded> {
    const after = later(order.after, point);
    const known = this.#known(read, { after });
    const kept = known !== undefined && known.entry.verifiedAt >= notBefore ? known : undefined;
    if (kept !== undefined && kept.staleForMs < 0 && isWanted(kept.entry, order)) {
      return Promise.resolve(loadedFrom(kept.entry, 'memory'));
    }
    const fill = this.#fill(read, control, {
      after,
      standing: undefined,
      isVerified: true,
      notBefore,
      verifiedAt,
    });
    return this.#orStandIn(read, order, fill, kept);
  }

  /** From the database alone, as of what is known. */
  async #loadBlind(
    read: PreparedRead<unknown>,
    after: CausalToken | undefined,
    control: FlightControl,
  ): Promise<Loaded> {
    const { clock, verifier } = this.#parts;
    const askedAt = clock.now();
    const { point } = await verifier.verifyAlone(read);
    return this.#fill(read, control, {
      after: later(after, point),
      standing: undefined,
      isVerified: false,
      notBefore: askedAt,
      verifiedAt: askedAt,
    });
  }

  /** What rows that are kept nowhere must be as of. @throws NOT_VERIFIABLE */
  async pointFor(
    read: PreparedRead<unknown>,
    after: CausalToken | undefined,
  ): Promise<CausalToken | undefined> {
    const { verifier, table } = this.#parts;
    // From here on the generations of its dependencies are known, if the remote store can be asked.
    const verified =
      read.pipelineClass.mode === 'eventual' ? undefined : await verifier.verify(read);
    const point = verified?.kind === 'known' ? verified.point : undefined;
    return later(later(after, point), table.ticket(read.dependencies).after());
  }

  /** Each caller of a random sample gets one of its own. */
  async #fillAlone(
    read: PreparedRead<unknown>,
    wanted: CausalToken | undefined,
    control: FlightControl,
  ): Promise<Loaded> {
    const after = await this.pointFor(read, wanted);
    const verifiedAt = this.#parts.clock.now();
    const order = { after, standing: undefined, verifiedAt, isVerified: true };
    return this.#parts.filler.fill(
      read,
      { ...order, accept: async () => undefined, isAnswer: () => false },
      control,
    );
  }

  /** One question per key in this process, shared by all whom its answer can be right for. */
  #fill(
    read: PreparedRead<unknown>,
    control: FlightControl,
    wanted: {
      readonly after: CausalToken | undefined;
      readonly standing: readonly Generation[] | undefined;
      readonly isVerified: boolean;
      readonly verifiedAt: number;
      readonly fresherThan?: number | undefined;
      /** A question that was put before will not do. */
      readonly notBefore?: number;
    },
  ): Promise<Loaded> {
    const { table, clock, filler } = this.#parts;
    const askedAt = clock.now();
    const { after, fresherThan } = wanted;
    const accept = async (found: FoundTurn): Promise<Loaded | undefined> =>
      (await this.#adoptFound(read, { after, fresherThan }, found)).fresh;
    const isAnswer = ({ value }: RemoteAnswer): boolean => {
      if (value === undefined || !reaches(value.header.asOf, after?.operationTime)) return false;
      const heldMs = value.header.ttlMs - value.remainingMs;
      return fresherThan === undefined || clock.now() + value.header.freshMs - heldMs > fresherThan;
    };
    const both = (inner: FlightControl): FlightControl => ({
      restamp: (ticket, at) => {
        inner.restamp(ticket, at);
        control.restamp(ticket, at);
      },
    });
    return this.#fills.join(
      read.localKey,
      {
        ticket: table.ticket(read.dependencies),
        askedAt,
        after: after?.operationTime,
        vouchesFor: (at) => at >= (wanted.notBefore ?? at),
      },
      (inner) => filler.fill(read, { ...wanted, accept, isAnswer }, both(inner)),
    ).promise;
  }

  /** What another process stored while this one waited for it. */
  async #adoptFound(
    read: PreparedRead<unknown>,
    order: LoadOrder,
    { answer, asked, askedAt }: FoundTurn,
  ): Promise<Kept> {
    const { remote } = this.#parts;
    // What this process could not tell the store yet, the store takes for right.
    if (remote === undefined || remote.pending.blocks(read.dependencies)) return {};
    // Something moved while the store was asked: its answer may be the older of the two.
    if (!asked.isCurrent()) return {};
    const ticket = remote.watch.adopt(asked, answer.generations);
    return this.#kept(read, order, answer, ticket, askedAt);
  }

  /** What the tiers have, now that it is known what stands: an answer, or what may stand in for one. */
  #kept(
    read: PreparedRead<unknown>,
    order: LoadOrder,
    { value }: RemoteAnswer,
    ticket: Ticket,
    askedAt: number,
  ): Kept | Promise<Kept> {
    const known = this.#known(read, order);
    if (known !== undefined) known.entry.verifiedAt = Math.max(known.entry.verifiedAt, askedAt);
    if (known !== undefined && known.staleForMs < 0 && isWanted(known.entry, order)) {
      return { fresh: loadedFrom(known.entry, 'memory') };
    }
    const settle = (taken: Fallback | undefined): Kept => {
      if (taken === undefined) return { fallback: known };
      if (taken.staleForMs < 0 && isWanted(taken.entry, order)) {
        return { fresh: loadedFrom(taken.entry, 'remote') };
      }
      return { fallback: taken };
    };
    const taken = this.#take(read, order, value, ticket, askedAt);
    return taken instanceof Promise ? taken.then(settle) : settle(taken);
  }

  /** What memory has that is right for this reader. */
  #known(read: PreparedRead<unknown>, { after }: LoadOrder): Fallback | undefined {
    const { memory, clock } = this.#parts;
    const entry = memory.find(read.memoryKey);
    const now = clock.now();
    if (entry === undefined || !isRight(entry, now, after?.operationTime)) return undefined;
    return { entry, staleForMs: now < entry.freshUntil ? -1 : now - entry.freshUntil };
  }

  /** The remote value, taken into memory, if it is one for this reader; waits for a schema alone. */
  #take(
    read: PreparedRead<unknown>,
    { after }: LoadOrder,
    value: RemoteAnswer['value'],
    ticket: Ticket,
    askedAt: number,
  ): Fallback | undefined | Promise<Fallback | undefined> {
    if (value === undefined || !reaches(value.header.asOf, after?.operationTime)) return undefined;
    const { ttlMs, freshMs, costMs, asOf } = value.header;
    const heldMs = Math.max(0, ttlMs - value.remainingMs);
    // The class may have been given a shorter life since, and a value may have lost its end.
    const { pipelineClass } = read;
    const staleMs = Math.max(pipelineClass.staleWhileRevalidateMs, pipelineClass.staleIfErrorMs);
    const freshFor = Math.min(freshMs, pipelineClass.ttlMs) - heldMs;
    const remainingMs = Math.min(value.remainingMs, freshFor + staleMs);
    if (remainingMs <= 0) return undefined;
    const taking = {
      ticket,
      verifiedAt: askedAt,
      loadedAt: askedAt - heldMs,
      freshUntil: askedAt + freshFor,
      expiresAt: askedAt + remainingMs,
      costMs,
      asOf,
      member: value.header.member,
      isAwaited: true,
    };
    // Rows that the class has no say in are decoded by whoever touches them: that they can be is known.
    if (isPlainlyDecoded(pipelineClass)) return this.#keep(read, { ...taking, raw: value.rows });
    return this.#decoded(read, value.rows).then(
      (rows) =>
        rows && this.#keep(read, { ...taking, rows, ...bytesToKeep(pipelineClass, value.rows) }),
    );
  }

  #keep({ memoryKey }: PreparedRead<unknown>, keeping: Keeping): Fallback {
    const { memory, clock } = this.#parts;
    const { entry } = memory.set(memoryKey, keeping);
    const now = clock.now();
    return { entry, staleForMs: now < entry.freshUntil ? -1 : now - entry.freshUntil };
  }

  /** Undefined, and the value is gone, if the class does not take its rows. */
  async #decoded(
    read: PreparedRead<unknown>,
    raw: readonly Uint8Array[],
  ): Promise<readonly unknown[] | undefined> {
    const { rowTypes, remote } = this.#parts;
    try {
      return await decodeRows(raw, rowTypes, read.pipelineClass);
    } catch (error) {
      const reason = isAggregationCacheError(error, 'INVALID_ROW') ? 'schema' : 'corrupt';
      remote?.tier.discard(read, reason);
      return undefined;
    }
  }

  #orStandIn(
    read: PreparedRead<unknown>,
    { fresherThan }: LoadOrder,
    fill: Promise<Loaded>,
    fallback: Fallback | undefined,
  ): Promise<Loaded> {
    const isRefresh = fresherThan !== undefined;
    return fallback === undefined || isRefresh ? fill : this.#standIns.or(read, fill, fallback);
  }
}

const isWanted = ({ freshUntil }: MemoryEntry, { fresherThan }: LoadOrder): boolean =>
  fresherThan === undefined || freshUntil > fresherThan;
