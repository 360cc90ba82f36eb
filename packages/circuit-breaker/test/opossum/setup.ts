import { afterEach, beforeEach, vi } from 'vitest';
import { CircuitBreaker } from '../../src/adapters/opossum/index.js';
import { type Deferred, deferred } from '../support/deferred.js';

type Options = CircuitBreaker.Options<[string?]>;

/** Time stands still but for `pass`, and circuits are shut down after each test. */
export const useFakeTime = () => {
  const circuits: { shutdown(): void }[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
  });
  afterEach(() => {
    for (const circuit of circuits.splice(0)) circuit.shutdown();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  const pass = async (ms: number) => void (await vi.advanceTimersByTimeAsync(ms));

  /** Has it shut down after the test. */
  const keep = <C extends { shutdown(): void }>(circuit: C): C => {
    circuits.push(circuit);
    return circuit;
  };

  /** A circuit whose calls end when the test says so, by the name they were fired with. */
  const held = (options: Options = {}) => {
    const calls = new Map<string, Deferred<string>>();
    const action = (name = 'call') => {
      const call = deferred<string>();
      calls.set(name, call);
      return call.promise;
    };
    const circuit = keep(
      new CircuitBreaker(action, { resetTimeout: 100, timeout: false, ...options }),
    );
    const end = async (name: string, how: 'resolve' | 'reject') => {
      if (how === 'resolve') calls.get(name)?.resolve(name);
      else calls.get(name)?.reject(new Error(name));
      await pass(0);
    };
    /** Fires a call and forgets how it ends. */
    const fire = (name: string) => void circuit.fire(name).catch(() => {});
    const failOnce = async () => {
      fire('failing');
      await end('failing', 'reject');
    };
    return { circuit, fire, end, failOnce };
  };

  return { pass, keep, held };
};

/** What is reported of user code that failed. */
export const spyOnWarnings = () => vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
