import { act, type Scenes } from '../transcript.js';

/** Results that are kept and calls that are one. */
export const CACHE_SCENES: Scenes = {
  'results that are kept': async ({ CircuitBreaker, transcript, pass }) => {
    const circuit = transcript.follow(
      new CircuitBreaker(act, { cache: true, cacheTTL: 100, errorThresholdPercentage: 100 }),
    );
    const fire = async (what: 'ok' | 'fail', ms: number) => {
      const end = transcript.noteEnd(circuit.fire(what, ms));
      await pass(10);
      await end;
    };
    await fire('ok', 10);
    await fire('ok', 10);
    await fire('ok', 5);
    await fire('fail', 10);
    await fire('fail', 10);
    circuit.open();
    await fire('ok', 10);
    await pass(100);
    await fire('ok', 10);
    circuit.clearCache();
    circuit.close();
    await fire('ok', 5);
    transcript.noteStats(circuit);
  },

  'a cache of the user': async ({ CircuitBreaker, transcript, pass }) => {
    const kept = new Map<string, unknown>();
    const asked: unknown[][] = [];
    const circuit = transcript.follow(
      new CircuitBreaker(act, {
        cache: true,
        cacheTTL: 100,
        cacheGetKey: (what, ms) => `${what}/${ms}`,
        cacheTransport: {
          get: (key) => {
            asked.push(['get', key]);
            return kept.get(key);
          },
          set: (key, value, expiresAt) => {
            asked.push(['set', key, value, expiresAt]);
            kept.set(key, value);
          },
          flush: () => asked.push(['flush']),
        },
      }),
    );
    const end = transcript.noteEnd(circuit.fire('ok', 10));
    await pass(5);
    asked.push(['later']);
    await pass(5);
    await end;
    await transcript.noteEnd(circuit.fire('ok', 10));
    circuit.shutdown();
    transcript.note(asked);
  },

  'calls that are one': async ({ CircuitBreaker, transcript, pass }) => {
    const circuit = transcript.follow(
      new CircuitBreaker(act, {
        coalesce: true,
        coalesceTTL: 50,
        timeout: 20,
        errorThresholdPercentage: 100,
      }),
    );
    for (const ms of [10, 30]) {
      for (const what of ['ok', 'fail'] as const) {
        const ends = [circuit.fire(what, ms), circuit.fire(what, ms)].map((call) =>
          transcript.noteEnd(call),
        );
        await pass(30);
        await Promise.all(ends);
        await transcript.noteEnd(circuit.fire(what, ms));
        await pass(50);
        const again = transcript.noteEnd(circuit.fire(what, ms));
        await pass(50);
        await again;
      }
    }
    transcript.noteStats(circuit);
  },

  'calls that are one until they end so': async ({ CircuitBreaker, transcript, pass }) => {
    for (const end of ['success', 'error', 'timeout'] as const) {
      const circuit = transcript.follow(
        new CircuitBreaker(act, {
          coalesce: true,
          coalesceResetOn: [end],
          coalesceTTL: 10_000,
          timeout: 20,
          errorThresholdPercentage: 100,
        }),
      );
      transcript.note(circuit.options.coalesceResetOn);
      for (const [what, ms] of [
        ['ok', 10],
        ['fail', 10],
        ['ok', 30],
      ] as const) {
        const first = transcript.noteEnd(circuit.fire(what, ms));
        await pass(40);
        await first;
        const second = transcript.noteEnd(circuit.fire(what, ms));
        await pass(40);
        await second;
      }
    }
  },

  'calls that are one, the first of which ends late': async (scene) => {
    const { CircuitBreaker, transcript, pass } = scene;
    const circuit = transcript.follow(
      new CircuitBreaker(act, { coalesce: true, coalesceTTL: 10, cacheGetKey: () => 'same' }),
    );
    const ends = [transcript.noteEnd(circuit.fire('ok', 30))];
    await pass(20);
    ends.push(transcript.noteEnd(circuit.fire('ok', 40)));
    await pass(5);
    ends.push(transcript.noteEnd(circuit.fire('ok', 50)));
    await pass(100);
    await Promise.all(ends);
  },

  'calls that are one, refused': async ({ CircuitBreaker, transcript, pass }) => {
    const circuit = transcript.follow(
      new CircuitBreaker(act, { coalesce: true, cache: true }).fallback(() => 'instead'),
    );
    circuit.open();
    await transcript.noteEnd(circuit.fire('ok', 10));
    await transcript.noteEnd(circuit.fire('ok', 10));
    circuit.close();
    const ends = [circuit.fire('ok', 10), circuit.fire('ok', 10)].map((call) =>
      transcript.noteEnd(call),
    );
    await pass(10);
    await Promise.all(ends);
    await transcript.noteEnd(circuit.fire('ok', 10));
    transcript.noteStats(circuit);
  },
};
