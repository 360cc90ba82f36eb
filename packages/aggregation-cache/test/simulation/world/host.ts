import type { Clock } from '@nestcms/circuit-breaker';
import type { Prng } from './prng.js';
import type { Scheduler } from './scheduler.js';

type Source = 'timer' | 'network';

/** Milliseconds by which two machines disagree about the time of day. */
const WRONG_BY_MS = 3_600_000;
const WALL_TIME = Date.UTC(2026, 0, 1);

/**
 * One run of a process. Everything that reaches it comes through here, so that it can be paused (its time
 * goes on) and can die.
 */
export class Host {
  readonly name: string;
  readonly clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #random: Prng;
  readonly #backlog: Record<Source, (() => void)[]> = { timer: [], network: [] };
  #pauses = 0;
  #isDead = false;

  constructor(name: string, scheduler: Scheduler, random: Prng) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#random = random;
    const startedAt = random.between(0, 100_000);
    const wrongBy = random.between(-WRONG_BY_MS, WRONG_BY_MS);
    this.clock = {
      now: () => startedAt + scheduler.now,
      wallTime: () => WALL_TIME + wrongBy + scheduler.now,
      setTimer: (callback, delayMs) => this.#setTimer(callback, delayMs),
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Runs it now; or once the process goes on, if it is paused; or never, if it is dead. */
  deliver(run: () => void, source: Source = 'network'): void {
    if (this.#isDead) return;
    if (this.#pauses > 0) {
      this.#backlog[source].push(run);
      return;
    }
    this.#scheduler.touch();
    run();
  }

  pause(ms: number): void {
    this.#pauses += 1;
    this.#scheduler.after(ms, () => {
      this.#pauses -= 1;
      if (this.#pauses === 0) this.#resume();
    });
  }

  die(): void {
    this.#isDead = true;
  }

  /** What came meanwhile comes now, timers first or last, each in its order. */
  #resume(): void {
    const { timer, network } = this.#backlog;
    const all = this.#random.chance(0.5) ? [...timer, ...network] : [...network, ...timer];
    timer.length = 0;
    network.length = 0;
    // Each an event of its own, so that promises may go on in between; none later than what comes from now on.
    for (const run of all) this.#scheduler.after(0, () => this.deliver(run));
  }

  #setTimer(callback: () => void, delayMs: number): () => void {
    let isCancelled = false;
    const call = () => {
      if (!isCancelled) callback();
    };
    const cancel = this.#scheduler.after(delayMs, () => this.deliver(call, 'timer'));
    return () => {
      isCancelled = true;
      cancel();
    };
  }
}
