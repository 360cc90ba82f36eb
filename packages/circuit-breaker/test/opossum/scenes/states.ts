import { act, type Scenes } from '../transcript.js';

const fails = { errorThresholdPercentage: 1, resetTimeout: 100 };

/** When a circuit opens, closes and forgets. */
export const STATE_SCENES: Scenes = {
  'a failure that opens, a refusal and a trial that fails': async (scene) => {
    const { CircuitBreaker, transcript, pass } = scene;
    const circuit = transcript.follow(new CircuitBreaker(act, fails));
    transcript.noteState(circuit);
    const end = transcript.noteEnd(circuit.fire('fail'));
    await pass(10);
    await end;
    transcript.noteState(circuit);
    await transcript.noteEnd(circuit.fire('ok'));
    await pass(99);
    transcript.noteState(circuit);
    await pass(1);
    transcript.noteState(circuit);
    const trial = transcript.noteEnd(circuit.fire('fail', 20));
    transcript.noteState(circuit);
    await transcript.noteEnd(circuit.fire('ok'));
    await pass(20);
    await trial;
    transcript.noteState(circuit);
    transcript.noteStats(circuit);
  },

  'a trial that succeeds': async ({ CircuitBreaker, transcript, pass }) => {
    const circuit = transcript.follow(new CircuitBreaker(act, fails));
    const end = transcript.noteEnd(circuit.fire('fail'));
    await pass(110);
    await end;
    const trial = transcript.noteEnd(circuit.fire('ok'));
    await pass(10);
    await trial;
    transcript.noteState(circuit);
    transcript.noteStats(circuit);
  },

  'a threshold that is met, and one that is passed': async ({ CircuitBreaker, transcript }) => {
    const flip = async (good: boolean) => {
      if (!good) throw new Error('down');
    };
    const circuit = transcript.follow(new CircuitBreaker(flip, { errorThresholdPercentage: 50 }));
    for (const good of [true, true, false, false, true, false, false]) {
      await transcript.noteEnd(circuit.fire(good));
      transcript.noteState(circuit);
    }
  },

  'a rate over all that was fired, running calls among them': async (scene) => {
    const { CircuitBreaker, transcript, pass } = scene;
    const circuit = transcript.follow(new CircuitBreaker(act, { errorThresholdPercentage: 50 }));
    const ends = [
      circuit.fire('fail', 10),
      circuit.fire('fail', 20),
      circuit.fire('ok', 90),
      circuit.fire('ok', 90),
    ].map((call) => transcript.noteEnd(call));
    await pass(30);
    transcript.noteState(circuit);
    const more = transcript.noteEnd(circuit.fire('fail', 10));
    await pass(10);
    transcript.noteState(circuit);
    await pass(100);
    await Promise.all([...ends, more]);
  },

  'a rate with calls that went straight through': async ({ CircuitBreaker, transcript }) => {
    const failing = () => Promise.reject(new Error('down'));
    const circuit = transcript.follow(new CircuitBreaker(failing, { enabled: false }));
    await transcript.noteEnd(circuit.fire());
    await transcript.noteEnd(circuit.fire());
    circuit.enable();
    for (let call = 0; call < 4; call += 1) {
      await transcript.noteEnd(circuit.fire());
      transcript.noteState(circuit);
    }
  },

  'a volume threshold': async ({ CircuitBreaker, transcript }) => {
    const failing = () => Promise.reject(new Error('down'));
    const circuit = transcript.follow(new CircuitBreaker(failing, { volumeThreshold: 3 }));
    for (let call = 0; call < 4; call += 1) {
      await transcript.noteEnd(circuit.fire());
      transcript.noteState(circuit);
    }
  },

  'a warm-up': async ({ CircuitBreaker, transcript, pass }) => {
    const failing = () => Promise.reject(new Error('down'));
    const options = { allowWarmUp: true, rollingCountTimeout: 1000, rollingCountBuckets: 2 };
    const circuit = transcript.follow(new CircuitBreaker(failing, options));
    await transcript.noteEnd(circuit.fire());
    transcript.noteState(circuit);
    await pass(1001);
    await transcript.noteEnd(circuit.fire());
    transcript.noteState(circuit);
  },

  'a window that rolls': async ({ CircuitBreaker, transcript, pass }) => {
    const failing = () => Promise.reject(new Error('down'));
    const options = { rollingCountTimeout: 300, rollingCountBuckets: 3, volumeThreshold: 4 };
    const circuit = transcript.follow(new CircuitBreaker(failing, options));
    for (let turn = 0; turn < 5; turn += 1) {
      await transcript.noteEnd(circuit.fire());
      await transcript.noteEnd(circuit.fire());
      await pass(150);
      transcript.noteStats(circuit);
      transcript.note(circuit.status.window.map(({ fires }) => fires));
      transcript.noteState(circuit);
    }
  },

  'being opened, closed, disabled and enabled by hand': async (scene) => {
    const { CircuitBreaker, transcript, pass } = scene;
    const circuit = transcript.follow(new CircuitBreaker(act, fails));
    circuit.open();
    circuit.open();
    transcript.noteState(circuit);
    await transcript.noteEnd(circuit.fire('ok'));
    circuit.close();
    circuit.close();
    transcript.noteState(circuit);
    circuit.disable();
    transcript.noteState(circuit);
    const end = transcript.noteEnd(circuit.fire('fail'));
    await pass(10);
    await end;
    transcript.noteState(circuit);
    circuit.open();
    transcript.noteState(circuit);
    const through = transcript.noteEnd(circuit.fire('ok'));
    await pass(10);
    await through;
    await pass(100);
    transcript.noteState(circuit);
    circuit.enable();
    const trial = transcript.noteEnd(circuit.fire('ok'));
    await pass(10);
    await trial;
    transcript.noteState(circuit);
    transcript.noteStats(circuit);
  },

  'a state and counts from elsewhere': async ({ CircuitBreaker, transcript, pass }) => {
    const from = transcript.follow(new CircuitBreaker(act, fails));
    const end = transcript.noteEnd(from.fire('fail'));
    await pass(10);
    await end;
    const { state, status } = JSON.parse(JSON.stringify(from));
    const { lastTimerAt: _, ...flags } = state;
    transcript.note(flags);
    const to = transcript.follow(new CircuitBreaker(act, { ...fails, state: flags, status }));
    transcript.noteState(to);
    transcript.noteStats(to);
    await pass(101);
    transcript.noteState(to);
    const trial = transcript.noteEnd(to.fire('ok'));
    await pass(10);
    await trial;
    transcript.noteState(to);
  },

  'other states from elsewhere': async ({ CircuitBreaker, transcript }) => {
    const states = [
      { closed: true, enabled: false },
      { closed: false, halfOpen: true },
      { closed: false, lastTimerAt: Date.now() - 1000 },
      { closed: true, warmUp: true },
      { closed: true, enabled: true, name: 'other' },
    ];
    for (const state of states) {
      const circuit = new CircuitBreaker(act, { ...fails, state });
      transcript.noteState(circuit);
      transcript.note(circuit.name);
      circuit.shutdown();
    }
  },

  'being shut down': async ({ CircuitBreaker, transcript, pass }) => {
    const circuit = transcript.follow(new CircuitBreaker(act).fallback(() => 'never'));
    const end = transcript.noteEnd(circuit.fire('ok', 10));
    circuit.shutdown();
    transcript.noteState(circuit);
    await transcript.noteEnd(circuit.fire('ok'));
    await pass(10);
    await end;
  },

  snapshots: async ({ CircuitBreaker, transcript, pass }) => {
    const options = { rollingCountTimeout: 300, rollingCountBuckets: 3 };
    const circuit = transcript.follow(new CircuitBreaker(act, options));
    circuit.status.on('snapshot', ({ fires, successes }) => {
      transcript.note('snapshot', fires, successes);
    });
    const end = transcript.noteEnd(circuit.fire('ok', 150));
    await pass(520);
    await end;
    circuit.shutdown();
    await pass(300);
  },
};
