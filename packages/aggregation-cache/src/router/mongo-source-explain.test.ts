import { describe, expect, it } from 'vitest';
import { aggregation } from '../../test/support/aggregation.js';
import { ONE, openFakeSource, PRIMARY, TWO, turn } from '../../test/support/fake-members.js';

const SCAN = { queryPlanner: { namespace: 'x.a', winningPlan: { stage: 'COLLSCAN' } } };
const MAX_TIME_MS = 500;

const open = (maxPoolSize?: number) => {
  const opened = openFakeSource([PRIMARY, ONE, TWO], maxPoolSize ? { maxPoolSize } : {});
  const explained: string[] = [];
  const explainWith = (answer: () => Promise<object>) =>
    opened.explainWith((member) => {
      explained.push(member);
      return answer();
    });
  explainWith(async () => SCAN);
  const request = {
    pipelineClass: opened.classOf({ maxTimeMs: MAX_TIME_MS }),
    operation: aggregation(),
  };
  const explain = (member: string) => opened.source.explain(request, member);
  return { ...opened, explained, explainWith, explain };
};

describe('to explain a question', () => {
  it('the member that answered it is asked, wherever it stands in the order', async () => {
    const { explain, explained } = open();
    await expect(explain('b')).resolves.toMatchObject({ scans: ['x.a'] });
    await expect(explain('p')).resolves.toMatchObject({ scans: ['x.a'] });
    expect(explained).toEqual(['replica2', 'primary']);
  });

  it('nobody is asked in its place once it is gone', async () => {
    const { explain, explained, change } = open();
    change([PRIMARY, ONE]);
    await expect(explain('b')).resolves.toBeUndefined();
    expect(explained).toEqual([]);
  });

  it('no member is asked whose breaker is open', async () => {
    const { explain, explained, fetch, answerWith } = open();
    answerWith(async (member) => {
      if (member === 'replica1') throw Object.assign(new Error('no'), { code: 11_600 });
      return [];
    });
    for (let n = 0; n < 3; n += 1) await fetch();
    await expect(explain('a')).resolves.toBeUndefined();
    expect(explained).toEqual([]);
  });

  it('no connection is taken that reads have taken all of', async () => {
    const { explain, explained, fetch, answerWith } = open(1);
    answerWith(() => new Promise(() => {}));
    void fetch();
    await turn();
    await expect(explain('a')).resolves.toBeUndefined();
    expect(explained).toEqual([]);
    await explain('b');
    expect(explained).toEqual(['replica2']);
  });

  it('a connection is taken like for a read, so that none waits for one with its time running', async () => {
    const { explain, explainWith, fetch, asked } = open(1);
    let done: (answer: object) => void = () => {};
    explainWith(
      () =>
        new Promise((resolve) => {
          done = resolve;
        }),
    );
    const explaining = explain('a');
    const reading = fetch();
    await turn();
    expect(asked).toEqual([]);
    done(SCAN);
    await Promise.all([explaining, reading]);
    expect(asked).toEqual(['replica1']);
  });

  it('a member that does not say is given up like one that does not answer, and its breaker is not told', async () => {
    const { explain, explainWith, fetch, clock, passedOver, source } = open(1);
    explainWith(() => new Promise(() => {}));
    for (let n = 0; n < 3; n += 1) {
      const ended = explain('a').catch((error: unknown) => error);
      await turn();
      clock.advance(MAX_TIME_MS + 250);
      expect(await ended).toMatchObject({ failure: 'timeout' });
    }
    await expect(fetch()).resolves.toMatchObject({ member: { address: 'a' } });
    expect(passedOver).toEqual([]);
    expect(source.members().find(({ address }) => address === 'a')).toMatchObject({
      breaker: 'closed',
      asked: 1,
    });
  });
});
