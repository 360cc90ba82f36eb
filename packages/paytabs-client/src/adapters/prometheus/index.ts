export { type PrometheusOptions, registerClients } from './register-clients.js';
