import { type ChildProcess, fork } from 'node:child_process';

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}
interface Outcome {
  readonly id: number;
  readonly result?: unknown;
  readonly failure?: string;
}

/** A process that answers calls of what a module exports, as often as it is asked. */
export interface Worker {
  ask<T>(name: string, argument?: unknown): Promise<T>;
  end(): void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const RUNNER = new URL('./run-worker.ts', import.meta.url);

export const startWorker = (module: string): Worker => {
  const child: ChildProcess = fork(RUNNER, [module], { serialization: 'advanced' });
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  child.on('message', ({ id, result, failure }: Outcome) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (failure === undefined) call?.resolve(result);
    else call?.reject(new Error(failure));
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('The process has ended.'));
  });
  return {
    ask: <T>(name: string, argument?: unknown) => {
      calls += 1;
      const id = calls;
      return new Promise<T>((resolve, reject) => {
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
        child.send({ id, name, argument } satisfies Call);
      });
    },
    end: () => child.disconnect(),
  };
};

/** Milliseconds on a clock that all processes of the machine share. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;
