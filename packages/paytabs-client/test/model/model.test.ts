import { describe, expect, it } from 'vitest';
import { client, settings } from './client.js';
import { explore, startOf } from './explore.js';
import { faults } from './faults.js';

const patience = 120_000;

describe('two processes, two tries, frozen and late as it may be', () => {
  it(
    'charge nobody twice and lose nothing',
    () => {
      const { counterexample, states } = explore(
        startOf(settings.charge, { crashes: 0, notices: 0 }),
        client,
        settings.charge,
      );
      expect(counterexample).toBeUndefined();
      expect(states).toBeGreaterThan(50_000);
    },
    patience,
  );
});

describe('a client is found out that', () => {
  it.each(faults)(
    '$name',
    ({ client: faulty, setting, crashes = 0, notices = 0 }) => {
      const { counterexample } = explore(startOf(setting, { crashes, notices }), faulty, setting);
      expect(counterexample?.way.length).toBeGreaterThan(0);
    },
    patience,
  );
});
