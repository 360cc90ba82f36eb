import type { Command } from './command.js';
import { makeDoctor } from './doctor/doctor.js';
import { makeListen } from './listen/listen.js';
import { makeReconcile } from './reconcile/reconcile.js';
import { makeTrigger } from './trigger/trigger.js';

/** In the order in which `paytabs --help` lists them. */
export const commands: readonly Command[] = [
  makeDoctor(),
  makeListen(),
  makeTrigger(),
  makeReconcile(),
];
