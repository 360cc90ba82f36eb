import { CircuitBreakerRegistry } from '@nestcms/circuit-breaker';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { ReadPreference } from 'mongodb';
import { definePipelineClass } from '../../src/classes/define-pipeline-class.js';
import { Hedging } from '../../src/router/hedging.js';
import { MemberBook } from '../../src/router/member-book.js';
import type { PassedOver } from '../../src/router/passed-over.js';
import { PrimaryShare } from '../../src/router/primary-share.js';
import { type Ask, ReadAttempt } from '../../src/router/read-attempt.js';
import { aggregation } from './aggregation.js';

export const settled = () => new Promise(setImmediate);

/** An attempt at one member, with all that it touches. */
export const openAttempt = ({
  isFailover = false,
  isHedge = false,
  maxPoolSize = 0,
  places = 1,
} = {}) => {
  const clock = new ManualClock();
  const timers: unknown[] = [];
  const watched = {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    setTimer: (callback: () => void, ms: number, options?: object) => {
      timers.push([ms, options]);
      return clock.setTimer(callback, ms);
    },
  };
  const state = { isOver: false };
  const recorded: number[] = [];
  const hedging = new Hedging({});
  hedging.record = (ms) => recorded.push(ms);
  const memberBreaker = { minimumCalls: 1, failureRate: 1, openForMs: 1_000 };
  const book = new MemberBook({
    breakers: new CircuitBreakerRegistry({ clock }),
    memberBreaker,
    keyPrefix: 'x',
    clock,
    maxPoolSize,
  });
  const share = new PrimaryShare({ places, isLastAlive: () => false, clock });
  const route = {
    id: 'a',
    members: [],
    role: 'secondary' as const,
    isFailover,
    readPreference: new ReadPreference('secondary'),
  };
  const passedOver: PassedOver[] = [];
  const discarded: unknown[] = [];
  let answer: (rows: string) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const ask: Ask<string> = {
    send: (_, onAsked) => {
      onAsked();
      return new Promise((resolve, reject) => {
        answer = resolve;
        fail = reject;
      });
    },
  };
  const pipelineClass = definePipelineClass({
    name: 'x',
    collection: 'a',
    pipeline: [],
    maxTimeMs: 500,
  });
  const attempt = (more: Partial<Ask<string>> = {}) =>
    new ReadAttempt<string>({
      request: { pipelineClass, operation: aggregation() },
      route,
      ask: { ...ask, ...more },
      about: { isHedge, isOver: () => state.isOver },
      hedging,
      book,
      share,
      clock: watched,
      passOver: (event) => passedOver.push(event),
    });
  const page = book.of(route);
  return {
    clock,
    timers,
    state,
    recorded,
    share,
    passedOver,
    discarded,
    attempt,
    page,
    answer: (value: string) => answer(value),
    fail: (error: unknown) => fail(error),
  };
};
