import { createContext, runInContext } from 'node:vm';
import { GLOBAL_NAME } from './bundle.ts';
import type { Checked, ProgramExports } from './checked.ts';

/** What a browser has and the language has not, as far as programs may use it. No process, no Buffer, no require. */
const browserGlobals = () => ({
  AbortController,
  AbortSignal,
  console,
  performance,
  queueMicrotask,
  // Browsers give numbers, without the methods of Node's timers.
  setTimeout: (callback: () => void, ms?: number) => Number(setTimeout(callback, ms)),
  clearTimeout: (handle?: number) => clearTimeout(handle),
});

/** Runs a script where there is nothing of Node. @param prelude run before it, to take things away */
export const runInBrowserContext = async (script: string, prelude = ''): Promise<Checked[]> => {
  const context = createContext(browserGlobals());
  runInContext(`${prelude};${script};globalThis.${GLOBAL_NAME} = ${GLOBAL_NAME};`, context);
  const { runChecks } = context[GLOBAL_NAME] as ProgramExports;
  // From a promise of another realm.
  return await runChecks();
};
