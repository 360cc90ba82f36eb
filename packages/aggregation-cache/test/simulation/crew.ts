import { Worker } from 'node:worker_threads';
import type { Order, Report } from './work.js';

/** Threads that run interleavings; each has one order at a time. */
export class Crew {
  readonly #threads: readonly Worker[];
  /** The mistakes that can be planted. */
  readonly faults: readonly string[];

  private constructor(threads: readonly Worker[], faults: readonly string[]) {
    this.#threads = threads;
    this.faults = faults;
  }

  /** @param path the bundled `work.ts` */
  static async hire(path: string, size: number): Promise<Crew> {
    const threads = Array.from({ length: size }, () => new Worker(path));
    const [faults = []] = await Promise.all(threads.map((thread) => answerOf<string[]>(thread)));
    return new Crew(threads, faults);
  }

  /** Gives out orders until there is none. */
  async work(
    next: () => Order | undefined,
    done: (report: Report, order: Order) => void,
  ): Promise<void> {
    await Promise.all(
      this.#threads.map(async (thread) => {
        for (let order = next(); order !== undefined; order = next()) {
          const report = answerOf<Report>(thread);
          thread.postMessage(order);
          done(await report, order);
        }
      }),
    );
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

const answerOf = <T>(thread: Worker): Promise<T> =>
  new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('message', (message: T) => {
      thread.off('error', reject);
      resolve(message);
    });
  });
