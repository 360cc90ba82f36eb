export type {
  DeadLetter,
  DeadLetterPage,
  InboxCounts,
  InboxDelivery,
  InboxStore,
  TakenEntry,
  TakeResult,
} from '../ports/inbox-store.js';
export type { Random } from '../ports/random.js';
export {
  createMemoryInboxStore,
  type MemoryInboxStoreOptions,
} from '../stores/memory/memory-inbox-store.js';
export type { BackoffOptions } from './backoff.js';
export {
  createInbox,
  type DeadLetterOptions,
  type Inbox,
  type InboxReceipt,
} from './create-inbox.js';
export type { InboxEvent, InboxObserver } from './inbox-events.js';
export {
  INBOX_DEFAULTS,
  type InboxOptions,
  type InboxProcessor,
  type InboxWork,
} from './inbox-options.js';
export type { InboxRun } from './worker.js';
