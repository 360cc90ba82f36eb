import { inspect, isDeepStrictEqual } from 'node:util';
import { print } from '@nestcms/scripts/script-options';

/** A step that failed, and was told and counted. */
class StepFailed extends Error {}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Tells each step as `ok` or `FAILED`, and counts. */
export class Steps {
  passed = 0;
  failed = 0;

  /** One step; what follows in its story needs it. */
  step = async <Value>(name: string, work: () => Value | Promise<Value>): Promise<Value> => {
    try {
      const value = await work();
      this.passed += 1;
      print(`ok      ${name}`);
      return value;
    } catch (error) {
      this.#fail(name, error);
      throw new StepFailed();
    }
  };

  /** Steps of which each needs those before it. The first failure ends the story, not the run; whether none failed. */
  async story(name: string, tell: () => Promise<void>): Promise<boolean> {
    print(name);
    try {
      await tell();
      return true;
    } catch (error) {
      if (error instanceof StepFailed) print('        the rest of this story was not run');
      else this.#fail(name, error);
      return false;
    }
  }

  #fail(name: string, error: unknown): void {
    this.failed += 1;
    print(`FAILED  ${name}: ${messageOf(error)}`);
  }
}

/** What an outside client made of an answer. */
export type Told = Readonly<Record<string, unknown>>;

/** @throws Error that names the first fact that is otherwise */
export const expectFacts = (told: Told, facts: Told): void => {
  for (const [name, wanted] of Object.entries(facts)) {
    if (isDeepStrictEqual(told[name], wanted)) continue;
    throw new Error(
      `${name} is ${inspect(told[name])}, not ${inspect(wanted)}, in ${inspect(told)}`,
    );
  }
};

/** @throws Error when it is no text, or an empty one */
export const textOf = (told: Told, name: string): string => {
  const value = told[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`${name} is missing in ${inspect(told)}`);
};
