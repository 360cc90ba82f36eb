export { type DiagnosticsOptions, type EventSource, publishEvents } from './publish-events.js';
