'use strict';

// As with opossum, what `require()` gives is the class itself.
module.exports = require('../dist/opossum.cjs').CircuitBreaker;
