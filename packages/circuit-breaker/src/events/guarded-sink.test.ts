import { describe, expect, it, vi } from 'vitest';
import { GuardedEmitter } from './guarded-emitter.js';

interface Events {
  opened: { readonly id: number };
  closed: { readonly id: number };
}

describe('events that go elsewhere too', () => {
  it('come after the listeners here, and are heard if someone there listens', () => {
    const heard: string[] = [];
    const all = new GuardedEmitter<Events>();
    const one = new GuardedEmitter<Events>({ publishTo: all });
    expect(one.hears('opened')).toBe(false);
    all.on('opened', () => heard.push('all'));
    expect(one.hears('opened')).toBe(true);
    one.on('opened', () => heard.push('one'));
    expect(one.listenerCount('opened')).toBe(1);
    one.emit('opened', { id: 1 });
    expect(heard).toEqual(['one', 'all']);
  });

  it('go to every sink that says that someone hears them, until it is taken off', () => {
    const emitter = new GuardedEmitter<Events>();
    const [deaf, open, other] = [vi.fn(), vi.fn(), vi.fn()];
    emitter.connect({ hears: () => false, emit: deaf });
    const end = emitter.connect({ hears: (event) => event === 'opened', emit: open });
    const endOther = emitter.connect({ hears: (event) => event === 'opened', emit: other });
    emitter.emit('opened', { id: 1 });
    emitter.emit('closed', { id: 2 } as never);
    end();
    emitter.emit('opened', { id: 3 });
    expect(open.mock.calls).toEqual([['opened', { id: 1 }]]);
    expect(other.mock.calls).toEqual([
      ['opened', { id: 1 }],
      ['opened', { id: 3 }],
    ]);
    expect(deaf).not.toHaveBeenCalled();
    endOther();
    expect(emitter.hears('opened')).toBe(false);
  });

  it('stop at no sink that throws; it is reported', () => {
    const onListenerError = vi.fn();
    const emitter = new GuardedEmitter<Events>({ onListenerError });
    const broken = new Error('sink');
    const fail = () => {
      throw broken;
    };
    const last = vi.fn();
    const deaf = vi.fn();
    emitter.connect({ hears: fail, emit: deaf });
    emitter.connect({ hears: () => true, emit: fail });
    emitter.connect({ hears: () => true, emit: last });
    expect(() => emitter.emit('opened', { id: 1 })).not.toThrow();
    expect(last).toHaveBeenCalledTimes(1);
    expect(deaf).not.toHaveBeenCalled();
    const failure = { kind: 'listener', name: 'opened', error: broken };
    expect(onListenerError.mock.calls).toContainEqual([failure]);
    const publishTo = { hears: () => true, emit: fail };
    const own = new GuardedEmitter<Events>({ onListenerError, publishTo });
    onListenerError.mockClear();
    expect(() => own.emit('closed', { id: 1 })).not.toThrow();
    expect(onListenerError.mock.calls).toEqual([[{ ...failure, name: 'closed' }]]);
  });
});
