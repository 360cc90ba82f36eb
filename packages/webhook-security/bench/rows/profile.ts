import type { Findings, Table } from '@nestcms/bench/findings';
import { profileTable } from '@nestcms/bench/profile';
import type { Note, Settings } from '@nestcms/bench/settings';
import { ourCheckers, ourColumn } from '../columns/ours.ts';
import { ONE_KB } from '../support/bodies.ts';
import { loadBuilt } from '../support/build.ts';
import { deliver } from '../support/deliveries.ts';
import { DELIVERIES, everythingOn } from '../support/everything.ts';

/** Where the time of a check of 1 KB goes. */
export const run = async (_: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  const calls = new Map<string, () => unknown>();
  for (const { name, scheme, make } of ourCheckers(ours)) {
    const isAsked = [ourColumn('github'), ourColumn('standard'), ourColumn('stripe')].includes(
      name,
    );
    if (isAsked) calls.set(name, make(deliver(scheme, ONE_KB.bytes)).call);
  }
  const { verifier, requests, forget } = everythingOn(ours);
  let place = 0;
  calls.set('everything on, released again', () => {
    place = (place + 1) % DELIVERIES;
    if (place === 0) forget();
    const request = requests[place];
    const verdict = request && verifier.verifySync(request);
    return verdict?.verdict === 'accepted' ? verdict.claim.release() : undefined;
  });
  const tables: Table[] = [];
  for (const [name, call] of calls) {
    note(name);
    tables.push(await profileTable(name, call));
  }
  return { verdicts: [], tables };
};
