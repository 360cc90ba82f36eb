import { fork } from 'node:child_process';

/** What a child is asked for: to call `name` of the module at `url` with `settings`. */
export interface Errand {
  readonly url: string;
  readonly name: string;
  readonly settings: unknown;
}

export type Answer =
  | { readonly note: string }
  | { readonly result: unknown }
  | { readonly failure: string };

export interface ChildOptions {
  readonly note: (progress: string) => void;
  /** More flags for Node. */
  readonly flags?: readonly string[];
}

/** With a young generation that does not grow: its memory is slow until it has been used once. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16'];

const CHILD = new URL('./child.ts', import.meta.url);

/** Runs a function in a process of its own, so that nothing else has compiled, allocated or set timers there. */
export const inChild = <T>(errand: Errand, { note, flags = [] }: ChildOptions): Promise<T> =>
  new Promise((resolve, reject) => {
    const child = fork(CHILD, { execArgv: [...FLAGS, ...flags], serialization: 'advanced' });
    let settled = false;
    child.on('message', (answer: Answer) => {
      if ('note' in answer) note(answer.note);
      else {
        settled = true;
        if ('result' in answer) resolve(answer.result as T);
        else reject(new Error(answer.failure));
        child.disconnect();
      }
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (!settled) reject(new Error(`${errand.name} ended with ${signal ?? code}`));
    });
    child.send(errand);
  });
