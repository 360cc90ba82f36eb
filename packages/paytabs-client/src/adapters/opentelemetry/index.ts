export { type OpenTelemetryOptions, observeClients } from './observe-clients.js';
