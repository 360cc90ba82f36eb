export type { BreakerSource } from '../../metrics/breaker-metrics.js';
export { type PrometheusOptions, registerBreakers } from './register-breakers.js';
