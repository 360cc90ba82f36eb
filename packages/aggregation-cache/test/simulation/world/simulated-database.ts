import { BSON } from 'mongodb';
import { AggregationCacheError } from '../../../src/errors.js';
import type {
  PointTeller,
  Source,
  SourceAnswer,
  SourceRequest,
} from '../../../src/ports/source.js';
import type { CausalToken } from '../../../src/validity/causal-token.js';
import type { Host } from './host.js';
import { delayOf, type Prng, workOf } from './prng.js';
import type { Member, ReplicaSet } from './replica-set.js';
import type { Scheduler } from './scheduler.js';
import { timeOf, tokenOf } from './times.js';

/** Milliseconds. */
const ANSWER_TIMEOUT_MS = 500;
const LAG_BUDGET_MS = 300;
/** A member that waits for a time asks the primary to write it after so long. */
const ASKS_PRIMARY_AFTER_MS = 10;
const MOST_ROUNDS = 2;

export interface Acknowledged {
  readonly number: number;
  readonly time: number;
}

/** The keys that a class reads, from what is asked of the source. */
export type KeysOf = (request: SourceRequest) => readonly string[];

/** The replica set as one process has it: a router that may pick any member, and some links that are cut. */
export class SimulatedDatabase implements Source {
  readonly knowsTimes = true;
  readonly cut = new Set<Member>();
  readonly #parts: {
    readonly host: Host;
    readonly set: ReplicaSet;
    readonly scheduler: Scheduler;
    readonly random: Prng;
    readonly keysOf: KeysOf;
  };

  constructor(parts: {
    readonly host: Host;
    readonly set: ReplicaSet;
    readonly scheduler: Scheduler;
    readonly random: Prng;
    readonly keysOf: KeysOf;
  }) {
    this.#parts = parts;
  }

  async fetch(request: SourceRequest): Promise<SourceAnswer> {
    const { set, random } = this.#parts;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      for (const member of random.shuffled(set.members)) {
        const answer = await this.#read(member, request);
        if (answer !== undefined) return answer;
      }
    }
    const { name } = request.pipelineClass;
    throw new AggregationCacheError('NO_MEMBER', `Nobody could answer '${name}'.`, {
      pipelineClass: name,
      passedOver: [],
    });
  }

  async currentPoint(toldBy: PointTeller = 'primary'): Promise<CausalToken | undefined> {
    const { set } = this.#parts;
    const primary = set.primary;
    if (primary !== undefined) {
      const time = await this.#ask<number>(primary, (answer) => {
        if (set.primary === primary) answer(primary.lastTime);
      });
      if (time !== undefined) return tokenOf(time);
    }
    if (toldBy === 'primary') return undefined;
    const times = await Promise.all(
      set.members.map((member) => this.#ask<number>(member, (answer) => answer(member.lastTime))),
    );
    const known = times.filter((time): time is number => time !== undefined);
    return known.length < set.majority ? undefined : tokenOf(Math.max(...known));
  }

  /** @returns undefined if nobody knows what became of it */
  async write(
    key: string,
    concern: 'one' | 'majority',
    made: (number: number) => void,
  ): Promise<Acknowledged | undefined> {
    const { set } = this.#parts;
    const { primary } = set;
    if (primary === undefined) return undefined;
    return this.#ask<Acknowledged>(primary, (answer) => {
      const written = set.primary === primary ? set.write(key) : undefined;
      if (written === undefined) return;
      made(written.number);
      const isBack = () => set.writes.get(written.number)?.rolledBack === true;
      if (concern === 'one') answer(written);
      else {
        primary.whenever(
          () => primary.committedTime >= written.time,
          () => {
            if (!isBack()) answer(written);
          },
        );
      }
    });
  }

  members(): [] {
    return [];
  }

  close(): void {}

  async #read(member: Member, request: SourceRequest): Promise<SourceAnswer | undefined> {
    const { scheduler, random, set, keysOf } = this.#parts;
    const wanted = request.after && timeOf(request.after.operationTime);
    const isThere = () => member.committedTime >= (wanted ?? 0);
    const told = random.chance(0.5);
    return this.#ask<SourceAnswer>(member, (answer) => {
      const rows = () =>
        keysOf(request).map((key) => BSON.serialize({ key, write: member.read(key) }));
      const endWait = member.whenever(isThere, () => {
        const time = told ? member.committedTime : wanted;
        const seen = rows();
        const asOf = time === undefined ? undefined : tokenOf(time).operationTime;
        scheduler.after(workOf(random), () =>
          answer({
            rows: seen,
            member: { address: `${member.name}:27017`, tags: member.tags },
            asOf,
            storable: true,
            attempts: [],
          } as SourceAnswer),
        );
      });
      if (isThere()) return;
      scheduler.after(ASKS_PRIMARY_AFTER_MS, () => set.advanceTo(wanted ?? 0));
      scheduler.after(LAG_BUDGET_MS, () => {
        endWait();
        answer(undefined);
      });
    });
  }

  /** There and back again. @returns undefined if no answer came */
  #ask<T>(
    member: Member,
    work: (answer: (result: T | undefined) => void) => void,
  ): Promise<T | undefined> {
    const { host, scheduler, random } = this.#parts;
    const isCut = () => member.isDown || this.cut.has(member);
    return new Promise((resolve) => {
      const giveUp = host.clock.setTimer(() => resolve(undefined), ANSWER_TIMEOUT_MS);
      const answer = (result: T | undefined) => {
        scheduler.after(delayOf(random), () => {
          if (isCut()) return;
          host.deliver(() => {
            giveUp();
            resolve(result);
          });
        });
      };
      scheduler.after(delayOf(random), () => {
        if (isCut()) refuse(scheduler, random, () => host.deliver(() => resolve(undefined)));
        else work(answer);
      });
    });
  }
}

/** A connection that cannot be had is told of soon, or never. */
const refuse = (scheduler: Scheduler, random: Prng, told: () => void): void => {
  if (random.chance(0.7)) scheduler.after(delayOf(random), told);
};
