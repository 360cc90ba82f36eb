import type express5 from 'express';
// @ts-expect-error Its types are those of Express 5.
import express4 from 'express4';
import { describeExpress } from './express-suite.js';

describeExpress('Express 4', express4 as unknown as typeof express5);
