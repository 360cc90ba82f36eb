import type { SourceWrite } from '../history.js';
import { delayOf, type Prng } from './prng.js';
import type { Scheduler } from './scheduler.js';

interface Entry {
  readonly time: number;
  /** Absent: the primary only says that time goes on. */
  readonly write?: { readonly number: number; readonly key: string } | undefined;
}

interface Waiting {
  readonly isDone: () => boolean;
  readonly resolve: () => void;
}

/** What one member has. */
export class Member {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  log: Entry[] = [];
  /** So many entries are known here to be on a majority. */
  committed = 0;
  isDown = false;
  /** Milliseconds that it takes longer than usual to follow. */
  lagMs = 0;
  readonly #waiting = new Set<Waiting>();

  constructor(name: string, replica: string) {
    this.name = name;
    this.tags = { replica };
  }

  get lastTime(): number {
    return this.log.at(-1)?.time ?? 0;
  }

  get committedTime(): number {
    return this.log[this.committed - 1]?.time ?? 0;
  }

  /** The last write to `key` that a majority has, as far as this member knows; 0 for none. */
  read(key: string): number {
    for (let index = this.committed - 1; index >= 0; index -= 1) {
      const write = this.log[index]?.write;
      if (write?.key === key) return write.number;
    }
    return 0;
  }

  /** @returns a function that ends the wait */
  whenever(isDone: () => boolean, resolve: () => void): () => void {
    const waiting = { isDone, resolve };
    if (isDone()) resolve();
    else this.#waiting.add(waiting);
    return () => {
      this.#waiting.delete(waiting);
    };
  }

  moved(): void {
    for (const waiting of this.#waiting) {
      if (!waiting.isDone()) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}

/**
 * A primary, and secondaries that follow it, each with its delay. What a majority has is committed. When the
 * primary goes away, the most advanced of the others takes over; what it does not have, is rolled back.
 */
export class ReplicaSet {
  readonly members: readonly Member[];
  readonly writes = new Map<number, SourceWrite>();
  readonly #scheduler: Scheduler;
  readonly #random: Prng;
  #primary: Member | undefined;
  /** Chosen, and not at work yet. */
  #elected: Member | undefined;
  #time = 0;

  constructor(scheduler: Scheduler, random: Prng, size: number) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.members = Array.from(
      { length: size },
      (_, index) => new Member(`m${index}`, `replica${index}`),
    );
    this.#primary = this.members[0];
    this.#append(undefined);
  }

  get primary(): Member | undefined {
    return this.#primary;
  }

  get majority(): number {
    return Math.floor(this.members.length / 2) + 1;
  }

  /** @returns the write's number, and its time */
  write(key: string): { readonly number: number; readonly time: number } | undefined {
    const primary = this.#primary;
    if (primary === undefined) return undefined;
    const number = this.writes.size + 1;
    const previous = lastWrite(primary.log, key);
    const { time } = this.#append({ number, key });
    this.writes.set(number, { number, key, time, previous, rolledBack: false });
    return { number, time };
  }

  /** The primary was told of a time that is ahead of it. */
  advanceTo(time: number): void {
    if (this.#primary !== undefined && this.#primary.lastTime < time) this.#append(undefined);
  }

  /** The member is gone, with all that waits for it, for so long. */
  crash(which: number | 'primary', downMs: number): void {
    const member = which === 'primary' ? this.#primary : this.members[which];
    if (member === undefined || member.isDown) return;
    member.isDown = true;
    if (member === this.#primary || member === this.#elected) this.#elect();
    this.#scheduler.after(downMs, () => this.#comeBack(member));
  }

  /** The primary gives up its part at once, whether or not the others have all of it. */
  stepDown(): void {
    const old = this.#primary;
    if (old === undefined) return;
    old.isDown = true;
    this.#elect();
    this.#comeBack(old);
  }

  lag(which: number, lagMs: number, forMs: number): void {
    const member = this.members[which];
    if (member === undefined) return;
    member.lagMs = lagMs;
    this.#scheduler.after(forMs, () => {
      member.lagMs = 0;
      this.#follow(member, 0);
    });
  }

  /** Ends every lag, and brings back every member. */
  heal(): void {
    for (const member of this.members) {
      member.lagMs = 0;
      if (member.isDown) this.#comeBack(member);
      this.#follow(member, 0);
    }
  }

  #comeBack(member: Member): void {
    if (!member.isDown) return;
    member.isDown = false;
    if (this.#primary === undefined && this.#elected === undefined) this.#elect();
    this.#follow(member, delayOf(this.#random));
  }

  /** Decided at once, at work only after a while. Without a majority, when one is back. */
  #elect(): void {
    this.#primary = undefined;
    this.#elected = undefined;
    const there = this.members.filter(({ isDown }) => !isDown);
    if (there.length < this.majority) return;
    const elected = there.reduce((one, other) => (other.lastTime > one.lastTime ? other : one));
    this.#elected = elected;
    this.#rollBack(elected);
    this.#scheduler.after(this.#random.between(5, 1_500), () => {
      if (this.#elected !== elected || elected.isDown) return;
      this.#elected = undefined;
      this.#primary = elected;
      this.#append(undefined);
    });
  }

  /** What the new primary does not have, nobody will. */
  #rollBack(elected: Member): void {
    for (const member of this.members) {
      const common = commonLength(member.log, elected.log);
      for (const { write } of member.log.slice(common)) {
        const known = write && this.writes.get(write.number);
        if (known !== undefined) this.writes.set(known.number, { ...known, rolledBack: true });
      }
      member.log.length = common;
    }
  }

  #append(write: Entry['write']): Entry {
    const primary = this.#primary as Member;
    this.#time += 1;
    const entry = { time: this.#time, write };
    primary.log.push(entry);
    this.#commit();
    for (const member of this.members) {
      if (member !== primary) this.#follow(member, delayOf(this.#random));
    }
    return entry;
  }

  /** Takes over what the primary has by then. */
  #follow(member: Member, delayMs: number): void {
    this.#scheduler.after(delayMs + member.lagMs, () => {
      const primary = this.#primary;
      if (primary === undefined || member.isDown || member === primary) return;
      for (const entry of primary.log.slice(member.log.length)) member.log.push(entry);
      this.#learn(member, primary);
      this.#scheduler.after(delayOf(this.#random), () => this.#commit());
    });
  }

  /** The primary looks at what a majority has, and tells the others. */
  #commit(): void {
    const primary = this.#primary;
    if (primary === undefined) return;
    const reached = this.members
      .map(({ isDown, log }) => (isDown ? 0 : log.length))
      .sort((one, other) => other - one)[this.majority - 1] as number;
    if (reached <= primary.committed) return;
    primary.committed = reached;
    primary.moved();
    for (const member of this.members) {
      if (member === primary) continue;
      this.#scheduler.after(delayOf(this.#random) + member.lagMs, () => {
        if (!member.isDown && this.#primary !== undefined) this.#learn(member, this.#primary);
      });
    }
  }

  #learn(member: Member, primary: Member): void {
    member.committed = Math.max(member.committed, Math.min(primary.committed, member.log.length));
    member.moved();
  }
}

const lastWrite = (log: readonly Entry[], key: string): number =>
  log.findLast(({ write }) => write?.key === key)?.write?.number ?? 0;

const commonLength = (log: readonly Entry[], other: readonly Entry[]): number => {
  let length = Math.min(log.length, other.length);
  // A branch of its own is at the end; entries are shared, so one look each is enough.
  while (length > 0 && log[length - 1] !== other[length - 1]) length -= 1;
  return length;
};
