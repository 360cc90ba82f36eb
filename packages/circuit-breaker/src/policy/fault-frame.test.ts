import { describe, expect, it, vi } from 'vitest';
import { flush } from '../../test/support/deferred.js';
import { Call } from '../operation/call.js';
import { Scope } from '../operation/scope.js';
import { type Fault, faultInjection } from './fault-injection.js';

const inject = (fault: Fault) => faultInjection<unknown>({ rate: 1, enabled: true, fault });

describe('a fault in a scope that is given up', () => {
  it.each<[string, Fault]>([
    ['an error', { kind: 'error' }],
    ['a result', { kind: 'result', result: () => 'fake' }],
  ])('while %s is told of is not settled', async (_what, fault) => {
    const policy = inject(fault);
    const scope = new Scope();
    const settled = vi.fn();
    policy.events.on('injected', () => scope.abort(new Error('given up')));
    policy.layer({ run: () => {} }).run(new Call(() => 1, {}, false), scope, { settled });
    await flush();
    expect(settled).not.toHaveBeenCalled();
  });

  it('while a result comes is not settled', async () => {
    const policy = inject({ kind: 'result', result: async () => 'fake' });
    const scope = new Scope();
    const settled = vi.fn();
    policy.layer({ run: () => {} }).run(new Call(() => 1, {}, false), scope, { settled });
    scope.abort(new Error('given up'));
    await flush();
    expect(settled).not.toHaveBeenCalled();
  });
});
