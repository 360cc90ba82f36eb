import { describe, expect, it } from 'vitest';
import type { Layer } from '../operation/layer.js';
import { Policy, type PolicyKind } from '../operation/policy.js';
import { retry } from '../policy/retry.js';
import { pipeline } from './pipeline.js';

/** A policy of the user's own that does nothing. */
class Plain extends Policy {
  readonly kind: PolicyKind;
  readonly repeats = false;
  readonly runsLater = false;

  constructor(kind: PolicyKind) {
    super({});
    this.kind = kind;
  }

  layer(next: Layer): Layer {
    return { run: (call, scope, sink) => next.run(call, scope, sink) };
  }
}

describe('a policy of one’s own in a pipeline', () => {
  it('makes it run later only if it does so itself', () => {
    expect(pipeline([new Plain('bulkhead')]).runsLater).toBe(false);
    expect(pipeline([new Plain('bulkhead'), retry()]).runsLater).toBe(true);
  });

  it('may call itself a pipeline without a list of policies', async () => {
    const around = pipeline([new Plain('pipeline')]);
    await expect(around.execute(() => 'done')).resolves.toBe('done');
  });

  it('is judged by its kind, though it has a list of policies', () => {
    const odd = Object.assign(new Plain('fallback'), { policies: [] });
    expect(() => pipeline([retry(), odd])).toThrow('retry around fallback');
  });
});
