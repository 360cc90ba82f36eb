// @ts-check
import { spawnSync } from 'node:child_process';
import { findOnPath } from './command.mjs';

/** @type {string | undefined} empty: there is none; undefined: not looked for yet */
let setpriv;

/**
 * The same command so started that the kernel sends it a signal when its parent (the thread that
 * spawns it) dies: also when whoever watches over it was killed in the same moment. Linux only;
 * where util-linux has no `setpriv` that can do it the command is returned as it is.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {'TERM' | 'KILL'} signal
 * @returns {[string, readonly string[]]}
 */
export function endedWithParent(command, args, signal) {
  setpriv ??= findSetpriv();
  if (setpriv === '') return [command, args];
  return [setpriv, ['--pdeathsig', signal, '--', command, ...args]];
}

function findSetpriv() {
  if (process.platform !== 'linux') return '';
  const path = findOnPath('setpriv');
  // BusyBox has one without this option.
  const works = path && spawnSync(path, ['--pdeathsig', 'KILL', '--', path, '--help']).status === 0;
  return works ? path : '';
}
