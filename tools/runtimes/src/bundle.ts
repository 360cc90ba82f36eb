import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** Under this name a bundle stands in the global scope of a script. */
export const GLOBAL_NAME = 'nestcmsChecks';

/** A program with all that it imports. */
export interface Program {
  /** As a module. */
  readonly module: string;
  /** As a script that sets the global variable `nestcmsChecks` to what the program exports; of one for browsers alone. */
  readonly script: string | undefined;
}

export interface BundleOptions {
  /** Default: `browser`, which every runtime runs unchanged. */
  readonly platform?: 'browser' | 'node';
  readonly plugins?: Plugin[];
}

/** Bundles a program with the sources that it imports. */
export const bundleProgram = async (
  entry: URL,
  { platform = 'browser', plugins = [] }: BundleOptions = {},
): Promise<Program> => {
  const isForBrowsers = platform === 'browser';
  const { outputFiles, warnings } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    platform,
    ...(isForBrowsers ? { format: 'iife', globalName: GLOBAL_NAME } : { format: 'esm' }),
    target: 'es2022',
    logLevel: 'silent',
    plugins,
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  const text = outputFiles[0]?.text ?? '';
  if (!isForBrowsers) return { module: text, script: undefined };
  return {
    module: `${text}\nexport const { answer, runChecks } = ${GLOBAL_NAME};\n`,
    script: text,
  };
};
