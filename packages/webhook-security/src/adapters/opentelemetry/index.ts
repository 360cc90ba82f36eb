export {
  createOpenTelemetryObserver,
  type OpenTelemetryOptions,
} from './create-opentelemetry-observer.js';
