// @ts-check

/**
 * Environment variable that everything started under supervision inherits. Supervisors nest, so
 * it holds the marks of all of them.
 */
export const MARK_VARIABLE = 'NESTCMS_SUPERVISORS';

/**
 * Sends a signal to the group a process leads, or to the process alone when it leads none.
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function signalTree(pid, signal) {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // no such group, or no such process any more
    }
  }
}
