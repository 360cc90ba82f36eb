import type { EventEmitter } from 'node:events';
import Original from 'opossum';
import { assertType, describe, expectTypeOf, it } from 'vitest';
import Default, {
  CircuitBreaker,
  type CircuitOptions,
  type CircuitStats,
  type OpossumError,
  type Status,
} from '../../src/adapters/opossum/index.js';

class HttpError extends Error {
  readonly statusCode = 500;
}

const load = async (id: number, deep?: boolean) => ({ id, deep });
const circuit = new CircuitBreaker(load);
type Args = [id: number, deep?: boolean | undefined];

describe('the class', () => {
  it('is the default export too, and stands for opossum', () => {
    expectTypeOf(Default).toEqualTypeOf<typeof CircuitBreaker>();
    expectTypeOf(Original).toEqualTypeOf<typeof CircuitBreaker>();
    expectTypeOf(CircuitBreaker.Status).toEqualTypeOf<typeof Status>();
  });

  it('takes arguments and result from the action', () => {
    type Result = { id: number; deep: boolean | undefined };
    expectTypeOf(circuit).toEqualTypeOf<CircuitBreaker<Args, Result>>();
    expectTypeOf(circuit.fire(1)).toEqualTypeOf<Promise<Result>>();
    expectTypeOf(circuit.call({}, 1, true)).toEqualTypeOf<Promise<Result>>();
    // @ts-expect-error an id is a number
    void circuit.fire('1');
    // @ts-expect-error there is no third argument
    void circuit.fire(1, true, 2);
    // @ts-expect-error an id is needed
    void circuit.call({});
  });

  it('takes an action that gives no promise, a value, and a type that is named', () => {
    expectTypeOf(new CircuitBreaker((text: string) => text.length).fire('a')).toEqualTypeOf<
      Promise<number>
    >();
    expectTypeOf(new CircuitBreaker('value').fire()).toEqualTypeOf<Promise<string>>();
    expectTypeOf(new CircuitBreaker<[number], string>(async (n) => `${n}`)).toEqualTypeOf<
      CircuitBreaker<[number], string>
    >();
    // @ts-expect-error an action or a value is needed
    new CircuitBreaker();
  });

  it('is an emitter', () => {
    expectTypeOf(circuit).toExtend<EventEmitter>();
  });
});

describe('options', () => {
  it('know the arguments of the action', () => {
    new CircuitBreaker(load, {
      cacheGetKey: (id, deep) => {
        expectTypeOf(id).toEqualTypeOf<number>();
        expectTypeOf(deep).toEqualTypeOf<boolean | undefined>();
        return `${id}`;
      },
      errorFilter: (error, id) => {
        expectTypeOf(error).toBeUnknown();
        expectTypeOf(id).toEqualTypeOf<number>();
        return true;
      },
    });
  });

  it('let an error filter name the error it expects', () => {
    assertType(
      new CircuitBreaker(load, { errorFilter: (error: HttpError) => error.statusCode < 500 }),
    );
  });

  it('are what they say', () => {
    expectTypeOf<CircuitBreaker.Options<[number]>>().toEqualTypeOf<CircuitOptions<[number]>>();
    const options: CircuitBreaker.Options = { timeout: false, coalesceResetOn: ['error'] };
    new CircuitBreaker(load, options);
    // @ts-expect-error no such end
    new CircuitBreaker(load, { coalesceResetOn: ['never'] });
    // @ts-expect-error milliseconds, or false
    new CircuitBreaker(load, { timeout: true });
    // @ts-expect-error no such option
    new CircuitBreaker(load, { timeOut: 5 });
    expectTypeOf(circuit.options.timeout).toEqualTypeOf<number | false>();
    // @ts-expect-error read once
    circuit.options.timeout = 5;
  });

  it('take a state and counts from elsewhere', () => {
    const { state, status } = circuit.toJSON();
    assertType(new CircuitBreaker(load, { state, status }));
    new CircuitBreaker(load, { status: CircuitBreaker.newStatus({ stats: { fires: 1 } }) });
    // @ts-expect-error a state is made of flags
    new CircuitBreaker(load, { state: { closed: 'yes' } });
  });
});

describe('a fallback', () => {
  it('gets the arguments and the error, and adds its result', () => {
    const safe = circuit.fallback((id, deep, error) => {
      expectTypeOf(id).toEqualTypeOf<number>();
      expectTypeOf(deep).toEqualTypeOf<boolean | undefined>();
      expectTypeOf(error).toBeUnknown();
      return 'instead' as const;
    });
    expectTypeOf(safe.fire(1)).resolves.toEqualTypeOf<
      { id: number; deep: boolean | undefined } | 'instead'
    >();
  });

  it('may name the error it expects', () => {
    expectTypeOf(
      circuit.fallback((id: number, _deep: unknown, error: HttpError) => error.statusCode + id),
    ).toEqualTypeOf<CircuitBreaker<Args, { id: number; deep: boolean | undefined } | number>>();
  });

  it('may be a circuit or be late', () => {
    const other = new CircuitBreaker(async () => 5);
    expectTypeOf(circuit.fallback(other).fire(1)).resolves.toEqualTypeOf<
      { id: number; deep: boolean | undefined } | number
    >();
    const late = new CircuitBreaker(async () => 5).fallback(async () => 'late');
    expectTypeOf(late.fire()).toEqualTypeOf<Promise<number | string>>();
    // @ts-expect-error a function or a circuit
    circuit.fallback('text');
  });
});

describe('events', () => {
  it('come with what happened', () => {
    circuit.on('fire', (args) => expectTypeOf(args).toEqualTypeOf<Args>());
    circuit.once('success', (result, latencyMs) => {
      expectTypeOf(result.id).toEqualTypeOf<number>();
      expectTypeOf(latencyMs).toEqualTypeOf<number>();
    });
    circuit.on('failure', (error, latencyMs, [id]) => {
      expectTypeOf(error).toEqualTypeOf<Error>();
      expectTypeOf(latencyMs).toEqualTypeOf<number>();
      expectTypeOf(id).toEqualTypeOf<number>();
    });
    circuit.on('reject', (error) => expectTypeOf(error).toEqualTypeOf<OpossumError>());
    circuit.on('halfOpen', (ms) => expectTypeOf(ms).toEqualTypeOf<number>());
    // @ts-expect-error no such event
    circuit.on('opened', () => {});
    // @ts-expect-error it comes with nothing
    circuit.on('open', (text: string) => text);
  });

  it('of a status come with its counts', () => {
    circuit.status.on('snapshot', (stats) => {
      expectTypeOf(stats).toEqualTypeOf<CircuitStats>();
    });
    expectTypeOf(circuit.stats).toEqualTypeOf<CircuitBreaker.Stats>();
    expectTypeOf(circuit.status.window).toEqualTypeOf<CircuitBreaker.Bucket[]>();
  });
});

describe('errors', () => {
  it('are told apart by their code', () => {
    const error: unknown = new Error();
    if (CircuitBreaker.isOurError(error)) {
      expectTypeOf(error.code).toEqualTypeOf<
        'EOPENBREAKER' | 'ETIMEDOUT' | 'ESEMLOCKED' | 'ESHUTDOWN'
      >();
    }
  });
});
