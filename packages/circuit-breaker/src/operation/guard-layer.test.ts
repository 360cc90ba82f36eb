import { describe, expect, it, vi } from 'vitest';
import { Call } from './call.js';
import { guardLayer } from './guard-layer.js';
import type { Layer, Sink } from './layer.js';
import { ownLayer } from './own-layer.js';
import { ENDLESS, Scope } from './scope.js';

const run = (layer: Layer, scope: Scope = ENDLESS) => {
  const settled = vi.fn();
  guardLayer(layer).run(new Call(() => 1, {}, false), scope, { settled });
  return settled.mock.calls;
};

describe('the guard around a layer', () => {
  it('ends the call with what the layer throws', () => {
    const error = new Error('broken');
    const layer: Layer = {
      run: () => {
        throw error;
      },
    };
    expect(run(layer)).toEqual([[true, error]]);
  });

  it('lets the call end once, however often the layer says that it has', () => {
    const layer: Layer = {
      run: (_call, _scope, sink) => {
        sink.settled(false, 'first');
        sink.settled(false, 'second');
        throw new Error('broken');
      },
    };
    expect(run(layer)).toEqual([[false, 'first']]);
  });

  it('does not hear what ends after the call was given up', () => {
    const scope = new Scope();
    let late: Sink | undefined;
    const calls = run({ run: (_call, _scope, sink) => (late = sink) }, scope);
    scope.abort('enough');
    late?.settled(false, 'late');
    expect(calls).toEqual([]);
  });

  it('stands around no layer of this package', () => {
    const own = ownLayer(() => {});
    expect(guardLayer(own)).toBe(own);
    // Nor around one of another copy of it.
    const other = { run: () => {}, [Symbol.for('@nestcms/circuit-breaker.neverThrows')]: true };
    expect(guardLayer(other)).toBe(other);
  });

  it.each([undefined, null, {}, { run: 1 }])('is not put around %o, which is no layer', (layer) => {
    expect(() => guardLayer(layer as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'layer' }),
    );
    expect(() => guardLayer(layer as never)).toThrow('a layer with run');
  });
});
