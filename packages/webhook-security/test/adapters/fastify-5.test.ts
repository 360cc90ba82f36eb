import Fastify from 'fastify';
import { describeAdapter } from './adapter-suite.js';
import { startFastify } from './apps/start-fastify.js';

describeAdapter('Fastify 5', startFastify(Fastify));
