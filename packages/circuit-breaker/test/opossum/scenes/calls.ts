import { act, type Scenes } from '../transcript.js';

const fails = { errorThresholdPercentage: 1, resetTimeout: 100 };

/** How a call ends. */
export const CALL_SCENES: Scenes = {
  'a success': async ({ CircuitBreaker, transcript, pass }) => {
    const circuit = transcript.follow(new CircuitBreaker(act));
    const end = transcript.noteEnd(circuit.fire('ok', 25));
    await pass(25);
    await end;
    transcript.noteStats(circuit);
  },

  'a time limit': async ({ CircuitBreaker, transcript, pass }) => {
    const circuit = transcript.follow(new CircuitBreaker(act, { timeout: 30 }));
    const end = transcript.noteEnd(circuit.fire('ok', 50));
    await pass(60);
    await end;
    transcript.noteState(circuit);
    transcript.noteStats(circuit);
  },

  'no time limit': async ({ CircuitBreaker, transcript, pass }) => {
    for (const timeout of [0, false] as const) {
      const circuit = transcript.follow(new CircuitBreaker(act, { timeout }));
      const end = transcript.noteEnd(circuit.fire('ok', 100_000));
      await pass(100_000);
      await end;
    }
  },

  'errors that are let pass': async ({ CircuitBreaker, transcript, pass }) => {
    const circuit = transcript.follow(
      new CircuitBreaker(act, {
        ...fails,
        errorFilter: (error: Error, what, ms) => {
          transcript.note('asked', error, what, ms);
          return error.message.startsWith('failed');
        },
      }).fallback(() => 'never'),
    );
    const end = transcript.noteEnd(circuit.fire('fail', 10));
    await pass(10);
    await end;
    circuit.open();
    await pass(100);
    const trial = transcript.noteEnd(circuit.fire('fail', 10));
    await pass(10);
    await trial;
    transcript.noteState(circuit);
    transcript.noteStats(circuit);
  },

  'a fallback for a failure, a time limit and a refusal': async (scene) => {
    const { CircuitBreaker, transcript, pass } = scene;
    const circuit = transcript.follow(
      new CircuitBreaker(act, { timeout: 30, errorThresholdPercentage: 99 }).fallback(
        (...given) => {
          transcript.note('fallback given', given);
          return 'instead';
        },
      ),
    );
    const ends = [circuit.fire('fail', 10), circuit.fire('ok', 50)].map((call) =>
      transcript.noteEnd(call),
    );
    await pass(60);
    await Promise.all(ends);
    circuit.open();
    await transcript.noteEnd(circuit.fire('ok'));
    transcript.noteStats(circuit);
  },

  'a fallback that throws, one that rejects and one that is a circuit': async (scene) => {
    const { CircuitBreaker, transcript } = scene;
    const failing = () => Promise.reject(new Error('down'));
    const other = transcript.follow(
      new CircuitBreaker(async (...given: unknown[]) => `second: ${given.length}`),
    );
    const throwing = new CircuitBreaker(failing).fallback(() => {
      throw new Error('fallback threw');
    });
    const rejecting = new CircuitBreaker(failing).fallback(() =>
      Promise.reject(new Error('fallback rejected')),
    );
    const chained = new CircuitBreaker(failing).fallback(other);
    for (const circuit of [throwing, rejecting, chained]) {
      transcript.follow(circuit);
      await transcript.noteEnd(circuit.fire());
      transcript.noteStats(circuit);
    }
  },

  'a full circuit, with and without a fallback': async ({ CircuitBreaker, transcript, pass }) => {
    for (const withFallback of [false, true]) {
      const circuit = transcript.follow(new CircuitBreaker(act, { capacity: 1 }));
      if (withFallback) circuit.fallback(() => 'instead');
      const end = transcript.noteEnd(circuit.fire('ok', 20));
      await transcript.noteEnd(circuit.fire('ok', 20));
      transcript.note(circuit.semaphore.count);
      await pass(20);
      await end;
      transcript.note(circuit.semaphore.count);
      transcript.noteStats(circuit);
    }
  },

  'a health check': async ({ CircuitBreaker, transcript, pass }) => {
    let isWell = true;
    const circuit = transcript.follow(new CircuitBreaker(act, fails));
    circuit.healthCheck(async function check() {
      transcript.note('checked', this === circuit);
      if (!isWell) throw new Error('not well');
    }, 200);
    await pass(450);
    isWell = false;
    await pass(200);
    transcript.noteState(circuit);
  },

  'a controller that aborts, and its renewal': async ({ CircuitBreaker, transcript, pass }) => {
    for (const autoRenewAbortController of [true, false]) {
      const abortController = new AbortController();
      const circuit = transcript.follow(
        new CircuitBreaker(act, {
          ...fails,
          timeout: 20,
          abortController,
          autoRenewAbortController,
        }),
      );
      const noteController = () => {
        const controller = circuit.getAbortController();
        transcript.note(controller === abortController, circuit.getSignal()?.aborted);
      };
      noteController();
      const end = transcript.noteEnd(circuit.fire('ok', 30));
      await pass(30);
      await end;
      noteController();
      await pass(100);
      noteController();
      circuit.close();
      noteController();
      const controller = circuit.getAbortController();
      circuit.open();
      circuit.close();
      transcript.note(controller === circuit.getAbortController());
    }
  },

  'a context, and none': async ({ CircuitBreaker, transcript }) => {
    async function whoIsThis(this: unknown) {
      return this === whoIsThis ? 'the action' : this;
    }
    const circuit = transcript.follow(new CircuitBreaker(whoIsThis));
    await transcript.noteEnd(circuit.fire());
    await transcript.noteEnd(circuit.call({ a: 1 }));
    circuit.disable();
    await transcript.noteEnd(circuit.call({ a: 2 }));
  },

  'an action that throws, one that gives no promise and a value': async (scene) => {
    const { CircuitBreaker, transcript } = scene;
    const throwing = new CircuitBreaker(() => {
      throw new Error('thrown');
    });
    await transcript.noteEnd(transcript.follow(throwing).fire());
    await transcript.noteEnd(transcript.follow(new CircuitBreaker(() => 'plain')).fire());
    await transcript.noteEnd(transcript.follow(new CircuitBreaker('a value')).fire());
  },

  'names, groups and options': async ({ CircuitBreaker, transcript }) => {
    const named = new CircuitBreaker(act, { name: 'a' });
    const grouped = new CircuitBreaker(act, { group: 'g', volumeThreshold: 7 });
    for (const circuit of [named, grouped]) {
      transcript.note(circuit.name, circuit.group, circuit.volumeThreshold);
      const { timeout, resetTimeout, errorThresholdPercentage, capacity } = circuit.options;
      transcript.note(timeout, resetTimeout, errorThresholdPercentage, capacity);
      circuit.shutdown();
    }
  },
};
