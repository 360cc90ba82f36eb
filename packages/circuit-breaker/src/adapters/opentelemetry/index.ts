export type { BreakerSource } from '../../metrics/breaker-metrics.js';
export { type OpenTelemetryOptions, observeBreakers } from './observe-breakers.js';
