import type { FastifyInstance } from 'fastify';
import Fastify4 from 'fastify4';
import { describeAdapter } from './adapter-suite.js';
import { startFastify } from './apps/start-fastify.js';

describeAdapter('Fastify 4', startFastify(Fastify4 as unknown as () => FastifyInstance));
