export { type DiagnosticsOptions, publishEvents } from './publish-events.js';
