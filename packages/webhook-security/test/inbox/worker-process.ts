/** A worker in a process of its own. It tells what happens to it, and works until it is told to finish. */
import { createInbox } from '../../src/inbox/index.js';
import { openInboxStore } from './open-inbox-store.js';

/** What it is started with, as JSON. */
export interface WorkerOptions {
  readonly kind: 'redis' | 'mongodb';
  readonly address: string;
  readonly name: string;
  readonly leaseMs: number;
  readonly maxAttempts: number;
}

export type WorkerNews =
  | { readonly event: 'ready' }
  | {
      readonly event: 'begun';
      readonly key: string;
      readonly attempt: number;
      readonly at: number;
    }
  | { readonly event: 'processed' | 'retried' | 'buried' | 'storeFailed' };

const tell = (news: WorkerNews) => process.send?.(news);

const options = JSON.parse(process.argv[2] ?? '') as WorkerOptions;
const { store } = await openInboxStore(options);
let finish = () => {};
const inbox = createInbox({
  store,
  leaseMs: options.leaseMs,
  maxAttempts: options.maxAttempts,
  pollMs: 20,
  process: ({ key, attempt }) => {
    tell({ event: 'begun', key, attempt, at: Date.now() });
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  },
  observer: ({ event }) => {
    if (event !== 'stored' && event !== 'known' && event !== 'replayed') tell({ event });
  },
});
process.on('message', () => finish());
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
inbox.start();
tell({ event: 'ready' });
