import { describePairs } from './describe-pairs.js';

describePairs('opossum', ['@nestcms/circuit-breaker/opossum']);
