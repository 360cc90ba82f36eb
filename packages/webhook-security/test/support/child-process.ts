import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of its own; what it is told and tells are plain values. */
export interface Child<Told> {
  tell(message: object): void;
  /** The next thing that it tells; rejects when it ends instead. */
  hear(): Promise<Told>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** @param path of a bundle */
export function startChild<Told>(path: string, args: readonly string[] = []): Child<Told> {
  // Without the options and variables of a test runner.
  const child = fork(path, args, { execArgv: [], env: { PATH: process.env.PATH } });
  const heard: Told[] = [];
  const waiting: { resolve: (told: Told) => void; reject: (error: Error) => void }[] = [];
  const ended = new Error('The process has ended.');
  let isOver = false;
  child.on('message', (told: Told) => {
    const next = waiting.shift();
    if (next === undefined) heard.push(told);
    else next.resolve(told);
  });
  const end = () => {
    isOver = true;
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  child.once('exit', end).once('error', end);
  return {
    tell: (message) => void child.send(message),
    hear: () =>
      new Promise((resolve, reject) => {
        const told = heard.shift();
        if (told !== undefined) resolve(told);
        else if (isOver) reject(ended);
        else waiting.push({ resolve, reject });
      }),
    kill: async () => {
      if (isOver) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
