export type { ObservedCache, ObservedCaches } from '../../metrics/observed-caches.js';
export { type OpenTelemetryOptions, observeCaches } from './observe-caches.js';
export { type TraceReadsOptions, traceReads } from './trace-reads.js';
