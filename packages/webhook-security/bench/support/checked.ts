import type { Contender } from '@nestcms/bench/slices';
import { type Delivery, deliver, type SchemeName, tamper } from './deliveries.ts';

/** A way to check deliveries of one scheme. */
export interface Checker {
  readonly name: string;
  readonly scheme: SchemeName;
  /** What checks one delivery, again and again. A checker that throws has refused it. */
  readonly make: (delivery: Delivery) => Omit<Contender, 'name'>;
  /** Whether what a call gave means that the delivery is genuine. */
  readonly accepts: (outcome: unknown) => boolean;
}

/**
 * Contenders for a body, each seen to accept a genuine delivery and to refuse one with a byte changed.
 * Call `recheck` afterwards: what has stopped to accept meanwhile has no figure.
 */
export const checkedContenders = async (
  checkers: readonly Checker[],
  body: Buffer,
): Promise<{ contenders: readonly Contender[]; recheck: () => Promise<void> }> => {
  const made = checkers.map((checker) => {
    const genuine = deliver(checker.scheme, body);
    return { checker, genuine, contender: { name: checker.name, ...checker.make(genuine) } };
  });
  const recheck = async () => {
    for (const { checker, contender } of made) await mustBe(true, checker, contender);
  };
  await recheck();
  for (const { checker, genuine } of made) {
    await mustBe(false, checker, checker.make(tamper(genuine)));
  }
  return { contenders: made.map(({ contender }) => contender), recheck };
};

const mustBe = async (
  isAccepted: boolean,
  { name, accepts }: Checker,
  { call, prepare }: Omit<Contender, 'name'>,
): Promise<void> => {
  prepare?.(1);
  let outcome: unknown;
  try {
    outcome = await call();
    if (accepts(outcome) === isAccepted) return;
  } catch (error) {
    if (!isAccepted) return;
    outcome = error;
  }
  const request = isAccepted ? 'a genuine request is refused' : 'a changed request is accepted';
  throw new Error(`${name}: ${request}: ${JSON.stringify(outcome) ?? String(outcome)}`);
};
