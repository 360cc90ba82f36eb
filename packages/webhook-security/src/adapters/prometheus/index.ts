export { createPrometheusObserver, type PrometheusOptions } from './create-prometheus-observer.js';
