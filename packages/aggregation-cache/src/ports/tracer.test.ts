import { describe, expect, it, vi } from 'vitest';
import { type Tracer, traced } from './tracer.js';

const failing = new Error('the tracer');

/** Tracers that do not do what they should; each has to be without effect. */
const TRACERS: Record<string, Tracer> = {
  'that throws before the work': {
    span: () => {
      throw failing;
    },
  },
  'that throws after the work': {
    span: (_name, _attributes, work) => {
      work({ set: () => {} });
      throw failing;
    },
  },
  'that works twice': {
    span: (_name, _attributes, work) => {
      work({ set: () => {} });
      return work({ set: () => {} });
    },
  },
  'that never works': { span: () => undefined as never },
  'whose span throws': {
    span: (_name, _attributes, work) =>
      work({
        set: () => {
          throw failing;
        },
      }),
  },
  'that rejects': { span: () => Promise.reject(failing) as never },
};

describe.each(Object.entries(TRACERS))('a tracer %s', (_what, tracer) => {
  it('changes nothing: the work is done once, and answers', async () => {
    const work = vi.fn(async () => 5);
    const tell = (source: number) => ({ source });
    await expect(traced(tracer, 'read', { work, tell })).resolves.toBe(5);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('does not hide what the work throws, at once or later', async () => {
    const broken = new Error('the work');
    const work = vi.fn(() => {
      throw broken;
    });
    expect(() => traced(tracer, 'memory', { work })).toThrow(broken);
    expect(work).toHaveBeenCalledTimes(1);
    const later = { work: () => Promise.reject(broken), tell: () => ({}) };
    await expect(traced(tracer, 'read', later)).rejects.toBe(broken);
  });
});
