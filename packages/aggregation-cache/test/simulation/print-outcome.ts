import type { StaleAnswer } from './checker.js';
import type { History, HistoryCall, Moment, Scope } from './history.js';
import type { Outcome } from './run-plan.js';

/** What happened, one line for each begin and end in their order, and what was wrong with it. */
export const printOutcome = (outcome: Outcome): string => {
  const { plan, history, troubles, stale, unanswered, refused } = outcome;
  const lines = [
    ...history.calls.flatMap((call) => linesOf(call, history)),
    ...troubles.map(({ order, text }) => ({ order, text: `             -- ${text}` })),
  ].sort((one, other) => one.order - other.order);
  return [
    `seed ${plan.seed}: ${plan.processes} processes, ${plan.members} members, ${plan.steps.length} steps`,
    ...lines.map(({ text }) => text),
    '',
    ...stale.slice(0, 5).map((one) => `STALE: ${staleInWords(one)}`),
    ...unanswered.map((call) => `NEVER ANSWERED: ${beginning(call)}`),
    ...refused.map((call) => `FAILED THOUGH ALL WAS WELL: ${beginning(call)} ${call.failure}`),
    `again: --seed ${plan.seed} --interleavings 1`,
  ].join('\n');
};

const staleInWords = ({ read, row, lacks, duty }: StaleAnswer): string => {
  const seen = row.write === 0 ? 'no write' : `write ${row.write}`;
  const why =
    duty.by === 'token'
      ? `the token at ${read.after} covers`
      : `the invalidation by ${duty.invalidation.process} that ended at ${at(duty.invalidation.end)}${
          duty.by === 'here' ? ' in this process' : ''
        } covers`;
  return `${beginning(read)} at ${at(read.begin)} shows ${seen} of ${row.key}; ${why} write ${lacks.number} (time ${lacks.time})`;
};

const linesOf = (call: HistoryCall, history: History): { order: number; text: string }[] => {
  const begin = { order: call.begin.order, text: `${at(call.begin)}    ${beginning(call)}` };
  if (call.end === undefined) return [begin];
  const text = `${at(call.end)}      ${beginning(call)} => ${ending(call, history)}`;
  return [begin, { order: call.end.order, text }];
};

const beginning = (call: HistoryCall): string => {
  const who = `#${call.begin.order} ${call.process}`;
  if (call.kind === 'write') return `${who} writes ${call.key}`;
  const after = call.after === undefined ? '' : ` after ${call.after}`;
  if (call.kind === 'invalidate') return `${who} invalidates ${inWords(call.scope)}${after}`;
  const tenant = call.tenant === undefined ? '' : ` for ${call.tenant}`;
  return `${who} reads ${call.name}${tenant}${after}`;
};

const ending = (call: HistoryCall, { writes }: History): string => {
  if (call.failure !== undefined) return call.failure;
  switch (call.kind) {
    case 'write': {
      const write = writes.get(call.write ?? 0);
      return `write ${write?.number} at time ${write?.time}${write?.rolledBack ? ', rolled back later' : ''}`;
    }
    case 'invalidate':
      return call.published === true ? 'published' : `published: ${call.published}`;
    case 'read':
      return `${call.rows?.map(({ key, write }) => `${key}=${write}`).join(' ')} from ${call.from}`;
  }
};

const inWords = (scope: Scope): string => {
  switch (scope.kind) {
    case 'collection':
      return scope.collection;
    case 'documents':
      return scope.keys.join(' ');
    case 'class':
    case 'tag':
    case 'tenant':
      return `${scope.kind} ${scope.name}`;
    case 'all':
      return 'all';
  }
};

const at = (moment: Moment | undefined): string =>
  `${(moment?.time ?? 0).toFixed(1).padStart(9)} ms`;
