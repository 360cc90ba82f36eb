import express from 'express';
import { describeExpress } from './express-suite.js';

describeExpress('Express 5', express);
