import type { Clock } from '@nestcms/circuit-breaker';
import { AggregationCacheError } from '../errors.js';
import type { Source } from '../ports/source.js';
import { type Tracer, traced } from '../ports/tracer.js';
import type { RemoteAnswer, RemoteTier } from '../remote/remote-tier.js';
import { AwayPoint } from '../validity/away-point.js';
import type { CausalToken } from '../validity/causal-token.js';
import { EVERYTHING } from '../validity/dependencies.js';
import type { GenerationTable, Ticket } from '../validity/generation-table.js';
import type { PendingInvalidations } from '../validity/pending-invalidations.js';
import type { RemoteWatch } from '../validity/remote-watch.js';
import type { Closing } from './closing.js';
import type { EventSink } from './events.js';
import type { PreparedRead } from './prepare-read.js';

/** The remote store, with what keeps this process in step with it. */
export interface RemoteParts {
  readonly tier: RemoteTier;
  readonly watch: RemoteWatch;
  readonly pending: PendingInvalidations;
}

/** So often a question is put again because something moved while it was under way. */
const MOST_ROUNDS = 4;

/** Milliseconds between two tries to find out how new an answer has to be. */
const ASK_AGAIN_MS = 50;

/** What is known about the state of things for one read. */
export type Verified =
  /** The remote store said what stands. */
  | {
      readonly kind: 'asked';
      readonly askedAt: number;
      readonly answer: RemoteAnswer;
      /** What stood at that moment: something may move before the reader goes on. */
      readonly ticket: Ticket;
    }
  /**
   * It did not; but what this process knows is right, as of a heartbeat ago or by the point: rows that are no
   * older than both are right.
   */
  | {
      readonly kind: 'known';
      readonly point: CausalToken | undefined;
      /** Rows that were asked for before may be older than what this reader is owed. */
      readonly notBefore: number;
      /** Whatever was invalidated up to here is known. */
      readonly verifiedAt: number;
    };

type Known = Extract<Verified, { kind: 'known' }>;
type Asked = Extract<Verified, { kind: 'asked' }>;

export interface VerifierParts {
  readonly remote: RemoteParts | undefined;
  readonly table: GenerationTable;
  readonly source: Source;
  readonly events: EventSink;
  readonly tracer?: Tracer | undefined;
  readonly clock: Clock;
  readonly closing: Closing;
  readonly heartbeatMs: number;
  /** How long a read waits for somebody who can say how new its answer has to be. */
  readonly selectionTimeoutMs: number;
}

/** Finds out what stands, before anything is answered or asked. */
export class Verifier {
  readonly #parts: VerifierParts;
  readonly #away: Readonly<Record<'strict' | 'bounded', AwayPoint>>;
  #anchoring: Promise<boolean> | undefined;

  constructor(parts: VerifierParts) {
    this.#parts = parts;
    const { source, clock } = parts;
    this.#away = {
      strict: new AwayPoint(() => source.currentPoint('primary'), clock),
      // Rather without a write that one member alone has than without an answer.
      bounded: new AwayPoint(() => source.currentPoint('majority'), clock),
    };
  }

  /** @throws NOT_VERIFIABLE, CLOSED */
  verify(read: PreparedRead<unknown>): Promise<Verified> {
    return this.#untilKnown(read, async (startedAt) => {
      return (await this.#askSeen(read)) ?? (await this.#withoutAnswer(read, startedAt));
    });
  }

  /** The same without the remote store. @throws NOT_VERIFIABLE, CLOSED */
  verifyAlone(read: PreparedRead<unknown>): Promise<Known> {
    return this.#untilKnown(read, (startedAt) => this.#withoutAnswer(read, startedAt));
  }

  /** As in an election: a moment later somebody may be able to say. */
  async #untilKnown<Found extends Verified>(
    { pipelineClass }: PreparedRead<unknown>,
    find: (startedAt: number) => Promise<Found | undefined>,
  ): Promise<Found> {
    const { clock, closing, selectionTimeoutMs } = this.#parts;
    const deadline = clock.now() + selectionTimeoutMs;
    for (;;) {
      const found = await find(clock.now());
      if (found !== undefined) return found;
      if (clock.now() >= deadline) throw notVerifiable(pipelineClass.name);
      await closing.pause(ASK_AGAIN_MS, clock);
    }
  }

  /** One span, however often the question is put. */
  #askSeen(read: PreparedRead<unknown>): Promise<Asked | undefined> | undefined {
    const { remote, tracer } = this.#parts;
    if (remote === undefined) return undefined;
    if (tracer === undefined) return this.#ask(read, remote);
    return traced(tracer, 'remote', {
      work: () => this.#ask(read, remote),
      tell: (asked) => ({ found: asked?.answer.value !== undefined }),
    });
  }

  async #ask(read: PreparedRead<unknown>, remote: RemoteParts): Promise<Asked | undefined> {
    const { table, clock } = this.#parts;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      if (remote.pending.blocks(read.dependencies)) return undefined;
      const asked = table.ticket(read.dependencies);
      const askedAt = clock.now();
      const answer = await remote.tier.look(read);
      if (answer === undefined) return undefined;
      const stood = asked.isCurrent();
      const ticket = remote.watch.adopt(asked, answer.generations);
      // Something moved while the store was asked: its answer may be the older of the two.
      if (!stood) continue;
      if (!this.#isAnchored(answer)) {
        if (!(await this.#anchor())) return undefined;
        continue;
      }
      return { kind: 'asked', askedAt, answer, ticket };
    }
    return undefined;
  }

  /** @returns undefined if nobody can say how new the answer has to be */
  async #withoutAnswer(
    { pipelineClass: { mode }, dependencies }: PreparedRead<unknown>,
    startedAt: number,
  ): Promise<Known | undefined> {
    const { remote, source, heartbeatMs } = this.#parts;
    const known = {
      kind: 'known',
      point: undefined,
      notBefore: Number.NEGATIVE_INFINITY,
      verifiedAt: startedAt,
    } as const;
    if (remote === undefined || mode === 'eventual') return known;
    if (mode === 'bounded' && this.#knowsAll(dependencies, remote)) {
      return { ...known, verifiedAt: remote.watch.comparedAt };
    }
    const notBefore = mode === 'strict' ? startedAt : startedAt - heartbeatMs;
    if (!source.knowsTimes) return { ...known, notBefore };
    const away = await this.#away[mode].since(notBefore, heartbeatMs / 2);
    if (away === undefined) return undefined;
    return { ...known, point: away.point, verifiedAt: away.askedAt };
  }

  /**
   * Whether messages have told this process all that it has to know. They tell nothing of what it never asked the
   * store for, and an epoch without a time may hide what was invalidated in the one before.
   */
  #knowsAll(dependencies: readonly string[], { watch }: RemoteParts): boolean {
    const { table, source } = this.#parts;
    if (!watch.isHearing || !table.ticket(dependencies).isHeardOf()) return false;
    return !source.knowsTimes || table.ticket([EVERYTHING]).isTimed();
  }

  /** Whether the epoch began at a known time: else nobody knows how old the rows of a member may be. */
  #isAnchored({ generations }: RemoteAnswer): boolean {
    const epoch = generations.find(({ dependency }) => dependency === EVERYTHING);
    return epoch === undefined || epoch.after !== undefined || !this.#parts.source.knowsTimes;
  }

  /** The store lost what it knew: from now on nothing is right that is older than the database is now. */
  #anchor(): Promise<boolean> {
    this.#anchoring ??= this.#beginEpoch().finally(() => {
      this.#anchoring = undefined;
    });
    return this.#anchoring;
  }

  async #beginEpoch(): Promise<boolean> {
    const { remote, table, source, events } = this.#parts;
    if (remote === undefined) return false;
    const point = await source.currentPoint();
    if (point === undefined) return false;
    const asked = table.ticket([EVERYTHING]);
    const generations = await remote.tier.invalidate([{ dependency: EVERYTHING, after: point }]);
    if (generations === undefined) return false;
    remote.watch.adopt(asked, generations);
    events.emit('epochBegun', {});
    return true;
  }
}

const notVerifiable = (pipelineClass: string): AggregationCacheError<'NOT_VERIFIABLE'> =>
  new AggregationCacheError(
    'NOT_VERIFIABLE',
    `Nobody could say how new the answer to '${pipelineClass}' has to be: neither the remote store nor the database.`,
    { pipelineClass },
  );
