export type { InboxStoreHarness } from './inbox-check.js';
export { inboxStoreConformance } from './inbox-store-conformance.js';
export { ManualClock, type ManualClockOptions } from './manual-clock.js';
export {
  type ConformanceCheck,
  type ReplayStoreHarness,
  replayStoreConformance,
} from './replay-store-conformance.js';
export { payTabsReturnBody, signPayTabsCallback, signPayTabsReturn } from './sign-paytabs.js';
