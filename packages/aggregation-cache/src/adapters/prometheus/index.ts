export type { ObservedCache, ObservedCaches } from '../../metrics/observed-caches.js';
export { type PrometheusOptions, registerCaches } from './register-caches.js';
