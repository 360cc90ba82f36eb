import type { Clock } from '@nestcms/circuit-breaker';
import type { EventSink } from '../cache/events.js';
import type { Lease } from '../ports/remote-store.js';
import type { Source } from '../ports/source.js';
import type { RemoteTier } from '../remote/remote-tier.js';
import type { CausalToken } from '../validity/causal-token.js';
import { EVERYTHING } from '../validity/dependencies.js';
import type { ChangeSource, ChangeStreamEnd } from './change-source.js';

/** Milliseconds a leader is believed to be alive without a renewal, which comes three times as often. */
const LEASE_MS = 1_200;
/** Milliseconds between two looks of a follower: so a leader that died is followed within two seconds. */
const LOOK_MS = 400;
/** Milliseconds before a stream that failed is opened again, doubled each time up to the longest. */
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

export interface ChangeFeedParts {
  readonly source: ChangeSource;
  /** Asked for the time at which a new epoch begins. */
  readonly database: Pick<Source, 'currentPoint'>;
  /** Absent: this process watches for itself. */
  readonly tier: RemoteTier | undefined;
  /** What all processes that watch the same share. */
  readonly name: string;
  /** Makes void here and everywhere. @returns whether everybody has been told, also of all that was before it */
  readonly invalidate: (dependencies: readonly string[], after: CausalToken) => Promise<boolean>;
  /** Tells what could not be told. @returns whether nothing of it is left */
  readonly tellAgain: () => Promise<boolean>;
  readonly events: EventSink;
  readonly clock: Clock;
  /** Milliseconds without a sign of life of any leader after which nothing kept is trusted. */
  readonly stallMs: number;
}

/**
 * The database's changes, as invalidations: by one stream for the whole fleet. Whoever holds the lease watches,
 * tells all, and saves how far he is; the others look whether he goes on, and take his place if not.
 */
export class ChangeFeed {
  readonly #parts: ChangeFeedParts;
  readonly #leaseKey: string;
  #lease: Lease | undefined;
  #stream: (() => void) | undefined;
  #cancelTimer = () => {};
  #cancelReopen = () => {};
  #pauseMs = SHORTEST_PAUSE_MS;
  #saved: string | undefined;
  #aliveAt: number;
  #isStalled = false;
  #isRefused = false;
  #isClosed = false;
  /** Saved at most once per look, however many events there are. */
  #unsaved: Uint8Array | undefined;
  #told: Promise<boolean> = Promise.resolve(true);

  constructor(parts: ChangeFeedParts) {
    this.#parts = parts;
    this.#leaseKey = `changes:${parts.name}`;
    this.#aliveAt = parts.clock.now();
    if (parts.tier === undefined) void this.#open(undefined);
    this.#schedule(0);
  }

  /** Whether nobody can say any more that no change was missed: what is kept must not be answered. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** `off`: the database does not tell of changes. */
  get role(): 'leader' | 'follower' | 'alone' | 'off' {
    if (this.#isRefused) return 'off';
    if (this.#parts.tier === undefined) return 'alone';
    return this.#lease === undefined ? 'follower' : 'leader';
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    this.#stop();
    await this.#told;
    if (this.#lease !== undefined) await this.#parts.tier?.release(this.#lease);
  }

  #schedule(inMs: number): void {
    if (this.#isClosed) return;
    this.#cancelTimer = this.#parts.clock.setTimer(
      () => {
        this.#look()
          .catch(() => {})
          .finally(() => this.#schedule(LOOK_MS));
      },
      inMs,
      { background: true },
    );
  }

  async #look(): Promise<void> {
    const { tier } = this.#parts;
    if (tier !== undefined && !this.#isRefused) {
      if (this.#lease === undefined) await this.#follow(tier);
      else await this.#lead(tier, this.#lease);
    }
    this.#judge();
  }

  async #follow(tier: RemoteTier): Promise<void> {
    const saved = await tier.progress(this.#leaseKey);
    this.#noteProgress(saved);
    const answer = await tier.lease(this.#leaseKey, LEASE_MS);
    if (answer?.granted !== true || this.#isClosed) return;
    this.#lease = answer.lease;
    this.#parts.events.emit('changesLed', {});
    // Whoever led before may have gone on since the first look.
    await this.#open(await tier.progress(this.#leaseKey));
  }

  async #lead(tier: RemoteTier, lease: Lease): Promise<void> {
    const held = await tier.renew(lease, LEASE_MS);
    if (held === false) {
      this.#lease = undefined;
      this.#stop();
      return;
    }
    const token = this.#unsaved;
    if (held === undefined || token === undefined) return;
    // What was told must have been heard of by the store, before the place behind it is: the next leader begins there.
    if (!(await this.#told) && !(await this.#parts.tellAgain())) return;
    if ((await tier.saveProgress(lease, stamped(token, this.#parts.clock))) !== true) return;
    if (this.#unsaved === token) this.#unsaved = undefined;
  }

  /** Each saving differs from the one before: so followers see that the leader lives, though nothing changes. */
  #noteProgress(saved: Uint8Array | undefined): void {
    if (saved === undefined) return;
    const text = Buffer.from(saved).toString('latin1');
    if (text === this.#saved) return;
    this.#saved = text;
    this.#aliveAt = this.#parts.clock.now();
  }

  #judge(): void {
    const { clock, stallMs, events } = this.#parts;
    const stalled = !this.#isRefused && clock.now() - this.#aliveAt > stallMs;
    if (stalled === this.#isStalled) return;
    this.#isStalled = stalled;
    events.emit(stalled ? 'changesStalled' : 'changesResumed', {});
  }

  /** @param saved where the last leader was; without it nobody knows what changed since, so an epoch begins */
  async #open(saved: Uint8Array | undefined): Promise<void> {
    const token = saved === undefined ? undefined : unstamped(saved);
    const startAt = token === undefined ? await this.#beginEpoch() : undefined;
    if (this.#isClosed) return;
    if (token === undefined && startAt === undefined) {
      this.#reopen(undefined);
      return;
    }
    this.#stop();
    let place = saved;
    this.#stream = this.#parts.source.open(token, startAt, {
      changed: ({ dependencies, after }) => {
        void this.#tell([...dependencies].sort(), after);
      },
      reached: (next) => {
        this.#aliveAt = this.#parts.clock.now();
        this.#pauseMs = SHORTEST_PAUSE_MS;
        this.#unsaved = next;
        place = stamped(next, this.#parts.clock);
      },
      ended: (why) => {
        this.#stream = undefined;
        this.#ended(why, place);
      },
    });
  }

  #ended({ kind, error }: ChangeStreamEnd, place: Uint8Array | undefined): void {
    const { events } = this.#parts;
    if (kind === 'refused') {
      this.#isRefused = true;
      events.emit('changesUnavailable', { error });
      if (this.#lease !== undefined) void this.#parts.tier?.release(this.#lease);
      this.#lease = undefined;
      return;
    }
    events.emit('changesEnded', { reason: kind, error });
    this.#reopen(kind === 'historyLost' ? undefined : place);
  }

  #reopen(place: Uint8Array | undefined): void {
    if (this.#isClosed) return;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    this.#cancelReopen = this.#parts.clock.setTimer(
      () => {
        const isMine = this.#parts.tier === undefined || this.#lease !== undefined;
        if (isMine) void this.#open(place).catch(() => this.#reopen(place));
      },
      pauseMs,
      { background: true },
    );
  }

  /** Everything before is void: nobody knows what changed. @returns where to begin to watch */
  async #beginEpoch(): Promise<CausalToken | undefined> {
    const point = await this.#parts.database.currentPoint();
    if (point !== undefined) await this.#tell([EVERYTHING], point);
    return point;
  }

  #tell(dependencies: readonly string[], after: CausalToken): Promise<boolean> {
    this.#told = this.#parts.invalidate(dependencies, after).catch(() => false);
    return this.#told;
  }

  #stop(): void {
    this.#cancelReopen();
    this.#stream?.();
    this.#stream = undefined;
  }
}

const STAMP_BYTES = 8;

/** The token behind the time of its saving, which only says that it is another saving. */
const stamped = (token: Uint8Array, clock: Clock): Uint8Array => {
  const stamp = Buffer.alloc(STAMP_BYTES);
  stamp.writeDoubleLE(clock.wallTime());
  return Buffer.concat([stamp, token]);
};

const unstamped = (saved: Uint8Array): Uint8Array | undefined =>
  saved.byteLength > STAMP_BYTES ? saved.subarray(STAMP_BYTES) : undefined;
