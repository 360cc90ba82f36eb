import { describeAdapter } from './adapter-suite.js';
import { startHono } from './apps/start-hono.js';

describeAdapter('fetch (Hono)', startHono, { isFetch: true });
