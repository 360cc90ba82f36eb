import { describePairs } from './describe-pairs.js';

describePairs('cockatiel', []);
