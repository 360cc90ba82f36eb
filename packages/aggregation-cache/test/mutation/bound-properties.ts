import fc from 'fast-check';

/** The same cases for every mutant, and no more of them than half a second holds: there are thousands of mutants. */
fc.configureGlobal({ seed: 1, interruptAfterTimeLimit: 500 });
