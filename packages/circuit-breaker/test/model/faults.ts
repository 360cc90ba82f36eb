/** A mistake planted in the breaker: the model must find it. */
export interface Fault {
  readonly name: string;
  /** The file, from the package's folder. */
  readonly file: string;
  /** What takes the place of what. Each must be there, once. */
  readonly edits: readonly (readonly [from: string, to: string])[];
}

const MACHINE = 'src/breaker/state-machine.ts';

export const FAULTS: readonly Fault[] = [
  {
    name: 'a late result counts',
    file: MACHINE,
    edits: [['if (generation !== this.#generation) return false;', '']],
  },
  {
    name: 'an ignored trial keeps its place',
    file: 'src/breaker/trials.ts',
    edits: [['trials.running -= 1;', "if (outcome !== 'ignored') trials.running -= 1;"]],
  },
  {
    name: 'a rate opens above its limit, not at it',
    file: 'src/breaker/trip-rules.ts',
    edits: [['part * MILLION >= Math.max', 'part * MILLION > Math.max']],
  },
  {
    name: 'the window is not cleared when the breaker closes',
    file: 'src/breaker/closing.ts',
    edits: [['machine.forgetCalls();', '']],
  },
  {
    name: 'one trial too many at once',
    file: 'src/breaker/trials.ts',
    edits: [['trials.running < rules.maxConcurrent', 'trials.running <= rules.maxConcurrent']],
  },
  {
    name: 'a step back of the clock counts',
    file: 'src/ports/elapsed-time.ts',
    edits: [
      ['now - this.#elapsed;', 'now > 0 && Number.isNaN(this.#lastSeen) ? now : this.#zero;'],
    ],
  },
  {
    name: 'holds are not counted',
    file: 'src/breaker/by-hand.ts',
    edits: [["state.kind === 'heldOpen' && !isHeld(holds, 'open')", "state.kind === 'heldOpen'"]],
  },
  {
    name: 'a generation is kept over a change of state',
    file: MACHINE,
    edits: [['    this.#generation = undefined;\n', '']],
  },
  {
    name: 'calls that still run are never slow',
    file: 'src/breaker/running-calls.ts',
    edits: [['return this.#slow;', 'return 0;']],
  },
  {
    name: 'a failure does not halve the share',
    file: MACHINE,
    edits: [['this.now(), 0.5);', 'this.now(), 1);']],
  },
  {
    name: 'a success does not end a run of failures',
    file: 'src/breaker/tally.ts',
    edits: [['failed ? this.#failuresInARow + 1 : 0', 'this.#failuresInARow + (failed ? 1 : 0)']],
  },
  {
    name: 'an event comes before the state',
    file: 'src/breaker/engine.ts',
    edits: [
      [
        'const counts = machine.settle(',
        'const isNow = generation === machine.current && !isDisabled;\n' +
          'if (isNow) this.bulletin.ended(counted.outcome, durationMs, error);\n' +
          'const counts = machine.settle(',
      ],
      ['else if (!isDisabled) this.bulletin.ended(outcome, durationMs, error);', ''],
    ],
  },
  {
    name: 'the time of trials begins anew with each',
    file: 'src/breaker/trials.ts',
    edits: [['if (trials.running === 0) trials.busySince = now;', 'trials.busySince = now;']],
  },
  {
    name: 'waits do not grow from opening to opening',
    file: 'src/breaker/opening.ts',
    edits: [
      [
        'openWait(machine.settings, count + 1, lastWaitMs)',
        'openWait(machine.settings, 1, lastWaitMs)',
      ],
    ],
  },
  {
    name: 'a permit can be given back twice',
    file: 'src/breaker/permit.ts',
    edits: [['this.#office = undefined;', '']],
  },
  {
    name: 'a caller who gives up keeps the permit',
    file: 'src/breaker/careful-calls.ts',
    edits: [['() => permit.ignore(),', '() => {},']],
  },
  {
    name: 'who waits is not let in when a place is free',
    file: 'src/breaker/waiting-calls.ts',
    edits: [
      [
        'if (reason === undefined) {',
        'if (reason === undefined) return;\n      if (reason === null) {',
      ],
    ],
  },
  {
    name: 'a time limit outside the breaker counts as ignored',
    file: 'src/breaker/default-classify.ts',
    edits: [["new Set(['TIMEOUT', ", 'new Set([']],
  },
  {
    name: 'an imported opening is as long as it was',
    file: 'src/breaker/snapshot.ts',
    edits: [['remainingMs(opening, from.takenAt) - ageMs', 'remainingMs(opening, from.takenAt)']],
  },
  {
    name: 'a bucket too many is kept',
    file: 'src/window/time-window.ts',
    edits: [
      [
        'while (this.#newest < newest) this.#forget(++this.#newest);',
        'while (this.#newest < newest - 1) this.#forget(++this.#newest);',
      ],
    ],
  },
  {
    name: 'successes that were only counted are forgotten when a call fails',
    file: 'src/breaker/tally.ts',
    edits: [['this.#window?.recordSuccesses(count);', '']],
  },
];
