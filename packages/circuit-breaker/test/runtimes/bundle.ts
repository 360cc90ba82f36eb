import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Under this name the bundle stands in the global scope of a script. */
export const GLOBAL_NAME = 'nestcmsChecks';

/**
 * The program with the sources of the core in one script for browsers, which every runtime runs unchanged.
 * It sets the global variable `nestcmsChecks` to what the program exports.
 */
export const bundleProgram = async (): Promise<string> => {
  const { outputFiles, warnings } = await build({
    entryPoints: [fileURLToPath(new URL('program.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: GLOBAL_NAME,
    target: 'es2022',
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  return outputFiles[0]?.text ?? '';
};
