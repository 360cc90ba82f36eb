import { CircuitBreaker } from '../dist/opossum.cjs';

export = CircuitBreaker;
