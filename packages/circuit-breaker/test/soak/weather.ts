/** How the other side fares: it changes every few seconds, by chance. */
type Phase = 'well' | 'shaky' | 'slow' | 'down';

const PHASES: readonly { readonly phase: Phase; readonly share: number }[] = [
  { phase: 'well', share: 0.6 },
  { phase: 'shaky', share: 0.2 },
  { phase: 'slow', share: 0.1 },
  { phase: 'down', share: 0.1 },
];

const FAILURES: Readonly<Record<Phase, number>> = { well: 0.001, shaky: 0.3, slow: 0.02, down: 1 };

/** How one call fares. */
export interface Fate {
  readonly fails: boolean;
  /** Milliseconds; 0 is at once. */
  readonly takesMs: number;
  /** Never ends, unless its signal is aborted. */
  readonly hangs: boolean;
  /** Its caller gives up. */
  readonly isAborted: boolean;
}

/** A reproducible source of faults. */
export class Weather {
  #state: number;
  #phase: Phase = 'well';
  #changesAt = 0;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 1 (mulberry32). */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  fate(): Fate {
    this.#turn();
    const isSlow = this.#phase === 'slow' && this.random() < 0.5;
    return {
      fails: this.random() < FAILURES[this.#phase],
      takesMs: isSlow ? 50 + 400 * this.random() : this.random() < 0.1 ? 5 * this.random() : 0,
      hangs: this.random() < 0.0005,
      isAborted: this.random() < 0.001,
    };
  }

  #turn(): void {
    const now = performance.now();
    if (now < this.#changesAt) return;
    this.#changesAt = now + 1000 + 4000 * this.random();
    let left = this.random();
    for (const { phase, share } of PHASES) {
      left -= share;
      if (left > 0) continue;
      this.#phase = phase;
      return;
    }
  }
}
