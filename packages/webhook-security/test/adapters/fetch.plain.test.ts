import { describeAdapter } from './adapter-suite.js';
import { startPlain } from './apps/start-plain.js';

describeAdapter('fetch (plain)', startPlain, { isFetch: true });
