import {
  type BreakerSnapshot,
  exportState,
  importState,
  isCircuitBreakerError,
} from '../../src/index.js';
import { same } from './difference.js';
import type { Hands } from './hands.js';
import { exported, imported } from './model-snapshot.js';
import type { HoldKind } from './model-types.js';
import type { ModelledBreaker } from './modelled-breaker.js';
import type { TestedBreaker } from './tested-breaker.js';

/** States that were exported, to be imported again, also much later. */
export class Snapshots {
  readonly #tested: TestedBreaker;
  readonly #model: ModelledBreaker;
  readonly #hands: Hands;
  readonly #taken: BreakerSnapshot[] = [];

  constructor(tested: TestedBreaker, model: ModelledBreaker, hands: Hands) {
    this.#tested = tested;
    this.#model = model;
    this.#hands = hands;
  }

  export(): void {
    const { breaker, clock } = this.#tested;
    const model = this.#model;
    // As a store keeps it.
    const snapshot = JSON.parse(JSON.stringify(exportState(breaker))) as BreakerSnapshot;
    model.look();
    const expected = exported(model.b, model.options, clock.wallTime(), this.#hands.before);
    same('the snapshot', JSON.stringify(snapshot), JSON.stringify(expected));
    this.#taken.push(snapshot);
  }

  /** @param isSound whether what is imported is what was exported, or something that must be refused */
  import(pick: number, isSound: boolean): void {
    const snapshot = this.#taken[pick % this.#taken.length];
    if (snapshot === undefined) return;
    const { breaker, clock } = this.#tested;
    const model = this.#model;
    const { b } = model;
    let refused = false;
    try {
      importState(breaker, isSound ? snapshot : { ...snapshot, openings: { count: -1 } });
    } catch (error) {
      if (!isCircuitBreakerError(error, 'INVALID_SNAPSHOT')) throw error;
      refused = true;
    }
    same('the snapshot is refused', refused, !isSound);
    if (refused || b.isShutDown) return;
    for (const kind of missing(snapshot, b.holds)) this.#hands.takeHold(kind);
    model.change(() => imported(b, model.options, snapshot, clock.wallTime()));
    model.say('restored', { state: b.state });
  }
}

/** The holds of a snapshot that are not out already. */
const missing = ({ holds }: BreakerSnapshot, out: readonly HoldKind[]): HoldKind[] => {
  const left = [...out];
  return holds.flatMap(({ kind }) => {
    const place = left.indexOf(kind);
    if (place === -1) return [kind];
    left.splice(place, 1);
    return [];
  });
};
